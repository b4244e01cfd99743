/* A kernel that does what no kernel here does on request, for programs run with LD_PRELOAD: see bench/reliability.py.

   Pins   A file called gpiochip* is the GPIO chip of a Raspberry Pi: it answers the two requests of the helper, refuses
          a line while another process holds it (a lock on <chip>.line<n>), and each level that is driven becomes a line of it.
   Disk   The k-th change to a file under a folder, and so many after it, fail with a given error; so does opening one
          to change it.
   Hangs  In C, with and without Python's lock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static int path_of(int fd, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

/* --- pins --- */

static int drive(const char *chip, struct gpio_v2_line_request *request) {
    char path[4200], line[96];
    struct timespec now;
    snprintf(path, sizeof path, "%s.line%u", chip, request->offsets[0]);
    int held = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (held < 0) return -1;
    if (flock(held, LOCK_EX | LOCK_NB) < 0) {
        close(held);
        errno = EBUSY;
        return -1;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    int size = snprintf(line, sizeof line, "%lld.%09ld %u 0 %d\n", (long long)now.tv_sec, now.tv_nsec,
                        request->offsets[0], (int)getpid());
    int fd = open(chip, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0 || write(fd, line, size) != size) return -1;
    close(fd);
    request->fd = held; /* whoever asked holds the line until it ends */
    return 0;
}

int ioctl(int fd, unsigned long request, ...) {
    static int (*real)(int, unsigned long, ...);
    char path[4096];
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (request == GPIO_GET_CHIPINFO_IOCTL && path_of(fd, path, sizeof path) && strstr(path, "/gpiochip")) {
        struct gpiochip_info *info = argument;
        memset(info, 0, sizeof *info);
        strcpy(info->label, "pinctrl-bcm2711");
        info->lines = 58;
        return 0;
    }
    if (request == GPIO_V2_GET_LINE_IOCTL && path_of(fd, path, sizeof path) && strstr(path, "/gpiochip")) {
        struct gpio_v2_line_request *line = argument;
        if (line->num_lines != 1 || !(line->config.flags & GPIO_V2_LINE_FLAG_OUTPUT)) {
            errno = EINVAL;
            return -1;
        }
        return drive(path, line);
    }
    if (!real) real = dlsym(RTLD_NEXT, "ioctl");
    return real(fd, request, argument);
}

/* --- hangs --- */

void spin(void) { for (;;) __asm__ volatile(""); }
void wait_for_ever(void) { for (;;) pause(); }

/* --- disk --- */

static char broken_folder[4096];
static long changes, first_broken, last_broken;
static int broken_error;

/* Let the changes numbered `first` to `last` under `folder` fail with `error`; numbers begin anew at 1. */
void break_disk(const char *folder, long first, long last, int error) {
    snprintf(broken_folder, sizeof broken_folder, "%s", folder);
    changes = 0, first_broken = first, last_broken = last, broken_error = error;
}
long disk_changes(void) { return changes; }

static int breaks_at(const char *path) {
    if (strncmp(path, broken_folder, strlen(broken_folder))) return 0;
    long number = __sync_add_and_fetch(&changes, 1);
    if (number < first_broken || number > last_broken) return 0;
    errno = broken_error;
    return 1;
}

static int breaks(int fd) {
    char path[4096];
    return broken_folder[0] && path_of(fd, path, sizeof path) && breaks_at(path);
}

#define OPEN(name)                                                          \
    int name(const char *path, int flags, ...) {                            \
        static int (*real)(const char *, int, ...);                         \
        va_list rest;                                                       \
        va_start(rest, flags);                                              \
        int mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, int) : 0; \
        va_end(rest);                                                       \
        if (broken_folder[0] && flags & (O_CREAT | O_WRONLY | O_RDWR) && breaks_at(path)) return -1; \
        if (!real) real = dlsym(RTLD_NEXT, #name);                          \
        return real(path, flags, mode);                                     \
    }
OPEN(open)
OPEN(open64)

#define CHANGE(type, name, parameters, arguments)                  \
    type name parameters {                                         \
        static type(*real) parameters;                             \
        if (breaks(fd)) return -1;                                 \
        if (!real) real = dlsym(RTLD_NEXT, #name);                 \
        return real arguments;                                     \
    }
CHANGE(ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size))
CHANGE(ssize_t, pwrite, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at))
CHANGE(ssize_t, pwrite64, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at))
CHANGE(int, ftruncate, (int fd, off_t size), (fd, size))
CHANGE(int, ftruncate64, (int fd, off64_t size), (fd, size))

/* What a power cut leaves: of each file in DISK_FOLDER, its content when it was last synced, as a file in DISK_SYNCED. */
static void keep_synced(int fd) {
    char path[4096], part[4200], whole[4200], block[65536];
    const char *folder = getenv("DISK_FOLDER"), *synced = getenv("DISK_SYNCED");
    if (!folder || !synced || !path_of(fd, path, sizeof path) || strncmp(path, folder, strlen(folder))) return;
    const char *name = path + strlen(folder) + 1;
    if (strchr(name, '/')) return;
    snprintf(part, sizeof part, "%s/.part", synced);
    snprintf(whole, sizeof whole, "%s/%s", synced, name);
    int from = open(path, O_RDONLY | O_CLOEXEC), to = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (ssize_t size; from >= 0 && to >= 0 && (size = read(from, block, sizeof block)) > 0;)
        if (write(to, block, size) != size) abort();
    close(from);
    close(to);
    rename(part, whole);
}

#define SYNC(name)                                     \
    int name(int fd) {                                 \
        static int (*real)(int);                       \
        if (breaks(fd)) return -1;                     \
        if (!real) real = dlsym(RTLD_NEXT, #name);     \
        int result = real(fd);                         \
        if (!result) keep_synced(fd);                  \
        return result;                                 \
    }
SYNC(fsync)
SYNC(fdatasync)
