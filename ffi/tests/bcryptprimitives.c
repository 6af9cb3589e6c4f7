/*
 * Wine 8 has no bcryptprimitives.dll, from which Rust takes random bytes.
 * This is for the tests only: Windows has one.
 */

#include <stddef.h>

unsigned char __stdcall SystemFunction036(void *, unsigned long);

__declspec(dllexport) int __stdcall ProcessPrng(void *data, size_t size)
{
    return SystemFunction036(data, (unsigned long)size);
}
