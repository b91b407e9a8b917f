/* Another object, for the place in memory of one that was closed. */
#include <unistd.h>

void other_sleeps(unsigned microseconds) { usleep(microseconds); }
