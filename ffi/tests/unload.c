/*
 * The library loaded at run time, used and unloaded again, many times: it
 * leaves nothing behind, not even itself.
 *
 *     unload libt1053.so.1
 */

#include <dlfcn.h>

#include "check.h"

static int is_loaded(void)
{
    char line[4096];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL)
        found |= strstr(line, "libt1053") != NULL;
    fclose(maps);
    return found;
}

/* C says nothing of data pointers that are functions; POSIX does. */
#define FIND(name)                                                      \
    do {                                                                \
        void *symbol = dlsym(library, "t1053_" #name);                  \
        CHECK(symbol != NULL);                                          \
        memcpy(&name, &symbol, sizeof name);                            \
    } while (0)

int main(int argc, char **argv)
{
    int i;
    CHECK(argc == 2);
    for (i = 0; i < 20; i++) {
        t1053_status (*detector_new)(t1053_detector **);
        void (*detector_free)(t1053_detector *);
        t1053_status (*evaluator_new)(const t1053_detector *, size_t,
                                      t1053_evaluator **);
        void (*evaluator_free)(t1053_evaluator *);
        t1053_status (*evaluate_indices)(t1053_evaluator *,
                                         const t1053_event *, uint32_t *,
                                         size_t, size_t *);
        uint32_t (*abi_version)(void);
        t1053_field_value fields[TASK_FIELDS];
        t1053_event event = task_event(fields);
        t1053_detector *detector;
        t1053_evaluator *evaluator;
        size_t count = 0;
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);

        CHECK(library != NULL);
        CHECK(is_loaded());
        FIND(abi_version);
        FIND(detector_new);
        FIND(detector_free);
        FIND(evaluator_new);
        FIND(evaluator_free);
        FIND(evaluate_indices);
        CHECK(abi_version() == T1053_ABI_VERSION);
        CHECK(detector_new(&detector) == T1053_OK);
        CHECK(evaluator_new(detector, 0, &evaluator) == T1053_OK);
        CHECK(evaluate_indices(evaluator, &event, NULL, 0, &count)
              == T1053_OK);
        CHECK(count > 0);
        evaluator_free(evaluator);
        detector_free(detector);
        CHECK(dlclose(library) == 0);
        CHECK(!is_loaded());
    }
    return 0;
}
