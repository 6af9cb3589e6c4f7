/*
 * The static library beside another Rust library: both find what they find,
 * and contain their panics.
 *
 * With TEST_PANIC, needs the library with its feature test-panic.
 */

#include "../check.h"

extern int32_t other_contains_a_panic(void);
#ifdef TEST_PANIC
extern void t1053_test_panic(uint8_t place);
#endif

int main(void)
{
    t1053_detector *detector;
    t1053_evaluator *evaluator;
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    size_t count = 0;

    OK(t1053_detector_new(&detector));
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    CHECK(other_contains_a_panic() == 1);
#ifdef TEST_PANIC
    t1053_test_panic(1);
    STATUS(T1053_PANIC,
           t1053_evaluate_indices(evaluator, &event, NULL, 0, &count));
    CHECK(other_contains_a_panic() == 1);
#endif
    OK(t1053_evaluate_indices(evaluator, &event, NULL, 0, &count));
    CHECK(count > 0);
    t1053_evaluator_free(evaluator);
    t1053_detector_free(detector);
    return 0;
}
