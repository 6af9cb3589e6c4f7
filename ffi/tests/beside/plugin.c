/* A plugin of a host, with a library of its own in it. */

#include <t1053.h>
#include <string.h>

#include "../check.h"

#ifdef TEST_PANIC
void t1053_test_panic(uint8_t place);
#endif

static int32_t on_match(void *user, const t1053_match *match)
{
    (void)match;
    ++*(unsigned long *)user;
    return 0;
}

/* Where this plugin's library is. */
const char *plugin_version(void)
{
    return t1053_version();
}

/* Makes the next call of this plugin's library fail, if it is one for tests. */
int plugin_break(void)
{
#ifdef TEST_PANIC
    t1053_test_panic(1);
    return 1;
#else
    return 0;
#endif
}

/* How many matches it finds, or -1 where a call failed. */
long plugin_run(void)
{
    t1053_detector *detector = NULL;
    t1053_scanner *scanner = NULL;
    unsigned long found = 0;
    if (t1053_detector_new(&detector) != T1053_OK)
        return -1;
    OK(t1053_scanner_new(detector, NULL, &scanner));
    OK(t1053_scanner_record(scanner, TASK_RECORD, strlen(TASK_RECORD),
                            on_match, NULL, &found));
    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
    return (long)found;
}
