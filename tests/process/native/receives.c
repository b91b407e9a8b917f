#include <errno.h>
#include <pthread.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;

/* Waits for a message that never comes. With line tables, as a project's own C code has them. */
int c_receives(int milliseconds) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += milliseconds * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&lock);
    int out = pthread_cond_timedwait(&came, &lock, &until);
    pthread_mutex_unlock(&lock);
    return out == ETIMEDOUT ? 0 : -1;
}
