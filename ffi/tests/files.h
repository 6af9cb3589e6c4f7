/* Files in memory. */

#ifndef FILES_H
#define FILES_H

#include "check.h"

struct bytes {
    char *data;
    size_t len;
    size_t room;
};

static inline void add(struct bytes *bytes, const char *data, size_t len)
{
    if (len == 0)
        return;
    if (bytes->room - bytes->len < len) {
        bytes->room = (bytes->len + len) * 2;
        bytes->data = (char *)realloc(bytes->data, bytes->room);
        CHECK(bytes->data != NULL);
    }
    memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
}

static inline void read_file(const char *path, struct bytes *bytes)
{
    char buffer[4096];
    size_t got;
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    bytes->len = 0;
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0)
        add(bytes, buffer, got);
    CHECK(!ferror(file));
    fclose(file);
}

#endif
