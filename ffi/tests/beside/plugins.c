/*
 * A host of two plugins, each with another build of the library in it: neither
 * sees the other's, in whichever order they are loaded.
 *
 *     plugins PLUGIN PLUGIN
 *
 * The second plugin's library can be made to panic.
 */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plugin {
    void *handle;
    const char *(*version)(void);
    int (*breaks)(void);
    long (*run)(void);
};

static void *function(void *handle, const char *name)
{
    void *found = dlsym(handle, name);
    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return found;
}

/* Where all that it exports is everybody's. */
static struct plugin load(const char *path)
{
    struct plugin plugin;
    void *found;
    plugin.handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (plugin.handle == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    /* C has no cast from an object to a function. */
    found = function(plugin.handle, "plugin_version");
    memcpy(&plugin.version, &found, sizeof found);
    found = function(plugin.handle, "plugin_break");
    memcpy(&plugin.breaks, &found, sizeof found);
    found = function(plugin.handle, "plugin_run");
    memcpy(&plugin.run, &found, sizeof found);
    return plugin;
}

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

int main(int argc, char **argv)
{
    struct plugin one, other;
    long found;
    int order;
    CHECK(argc == 3);
    for (order = 0; order < 2; order++) {
        if (order == 0) {
            one = load(argv[1]);
            other = load(argv[2]);
        } else {
            other = load(argv[2]);
            one = load(argv[1]);
        }
        CHECK(one.version() != other.version());
        found = one.run();
        CHECK(found > 0 && other.run() == found);
        /* What happens in one library does not in the other. */
        CHECK(other.breaks() && !one.breaks());
        CHECK(one.run() == found);
        CHECK(other.run() == -1);
        CHECK(other.run() == found);
        CHECK(dlclose(one.handle) == 0);
        CHECK(other.run() == found);
        CHECK(dlclose(other.handle) == 0);
    }
    return 0;
}
