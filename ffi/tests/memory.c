/* Where memory is short, what asks for much of it is refused, and what asks
 * for little goes on. To be run with less address space than 164 MB. */

#include "check.h"

int main(void)
{
    t1053_detector *detector;
    t1053_evaluator *evaluator = NULL;
    t1053_scanner *scanner = NULL;
    t1053_scanner_options options;
    const size_t most = (size_t)1 << 20;

    OK(t1053_detector_new(&detector));
    STATUS(T1053_OUT_OF_MEMORY,
           t1053_evaluator_new(detector, most, &evaluator));
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.sequence_capacity = most;
    STATUS(T1053_OUT_OF_MEMORY,
           t1053_scanner_new(detector, &options, &scanner));
    options.sequence_depth = 1024;
    STATUS(T1053_OUT_OF_MEMORY,
           t1053_scanner_new(detector, &options, &scanner));
    CHECK(evaluator == NULL && scanner == NULL);
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    OK(t1053_scanner_new(detector, NULL, &scanner));
    t1053_scanner_free(scanner);
    t1053_evaluator_free(evaluator);
    t1053_detector_free(detector);
    return 0;
}
