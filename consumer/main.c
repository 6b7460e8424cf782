#include "consumer/cli/cli.h"

#include <malloc.h>

/* Fetches and batches come and go by the megabyte, in one thread and out of another.  By itself glibc soon takes even
 * these from its heaps, and keeps the holes: 620 to 850 MB resident over a million articles, where this leaves 160 to
 * 490 over 400,000. */
static void keep_memory_small(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

int main(int argc, char **argv)
{
    keep_memory_small();
    return cli_main(argc, argv);
}
