/* C code below an armed poll: plain libc calls, C streams, and the fortified forms that `-O2 -D_FORTIFY_SOURCE=2` makes
 * of them. Built twice by build.rs: linked in, and as an object for dlopen. */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first byte of the file, by descriptor. The buffer's size is known, the length is not: `__read_chk`. */
int c_reads(const char *path, size_t len) {
    char buffer[64];
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return -1;
    ssize_t got = read(fd, buffer, len);
    close(fd);
    return got > 0 ? buffer[0] : -1;
}

/* The same, by a C stream. */
int c_streams(const char *path) {
    char line[64];
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    char *got = fgets(line, sizeof line, file);
    fclose(file);
    return got ? line[0] : -1;
}

int c_resolves(const char *path) {
    char whole[PATH_MAX];
    return realpath(path, whole) ? whole[0] : -1;
}

void c_sleeps(unsigned microseconds) { usleep(microseconds); }

/* Nothing to wait for, and no time to wait. */
int c_looks(void) { return poll(NULL, 0, 0); }

static void *waits(void *end) {
    char byte;
    /* The hook is on the stack when the thread is cancelled here. */
    return read(*(int *)end, &byte, 1) < 0 ? NULL : end;
}

/* Whether a thread that waits in a libc call can be cancelled. */
int c_cancels(void) {
    int ends[2];
    pthread_t thread;
    void *out = NULL;
    if (pipe(ends) || pthread_create(&thread, NULL, waits, ends))
        return 0;
    usleep(1000);
    pthread_cancel(thread);
    pthread_join(thread, &out);
    close(ends[0]);
    close(ends[1]);
    return out == PTHREAD_CANCELED;
}

/* A child that borrows its parent's memory. It sleeps, looks at a file, and then executes a program (0), ends (1), or
 * waits to be killed after it has stored its number (2). Its status, as waitpid gives it. */
int c_child(int how, volatile int *number, unsigned microseconds) {
    int status = -1;
    pid_t child = vfork();
    if (child == 0) {
        char byte;
        usleep(microseconds);
        int fd = open("/etc/passwd", O_RDONLY);
        if (read(fd, &byte, how < 3) < 0)
            _exit(3);
        close(fd);
        if (how == 0)
            execl("/bin/true", "true", (char *)0);
        if (how == 2) {
            *number = getpid();
            for (;;)
                pause();
        }
        _exit(7);
    }
    waitpid(child, &status, 0);
    return status;
}
