/* What a detector costs to make: at most ten milliseconds of the processor,
   whatever else the machine does meanwhile. */

#include <time.h>

#include "check.h"

int main(void)
{
    double best = 1e9;
    int i;
    for (i = 0; i < 200; i++) {
        struct timespec from, to;
        t1053_detector *detector;
        double took;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        OK(t1053_detector_new(&detector));
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
        took = (double)(to.tv_sec - from.tv_sec) * 1e6
            + (double)(to.tv_nsec - from.tv_nsec) / 1e3;
        t1053_detector_free(detector);
        if (took < best)
            best = took;
        if (i == 0)
            printf("t1053_detector_new: %.0f us the first time\n", took);
    }
    printf("t1053_detector_new: %.0f us\n", best);
    CHECK(best <= 10000);
    return 0;
}
