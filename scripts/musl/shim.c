/*
 * What a Node.js that was built for glibc, and Debian's libstdc++ and libgcc, take from glibc and musl lacks. It stands in for glibc's loader,
 * ld-linux-x86-64.so.2, which these libraries name and musl's loader is in place of. Compiled with glibc's headers: the types are of the same size.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <locale.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded = 0;
/* V8 asks pthread_getattr_np first */
void *__libc_stack_end = 0;

const char *gnu_get_libc_version(void) { return "2.28"; }

unsigned arc4random(void) {
  unsigned value;
  if (getrandom(&value, sizeof value, 0) != sizeof value) abort();
  return value;
}

size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time, locale_t locale) {
  return strftime_l(text, size, format, time, locale);
}

int fcntl64(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  return fcntl(fd, command, argument);
}

int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *object) {
  (void)object;
  return pthread_atfork(prepare, parent, child);
}

/* libgcc finds what unwinds an exception by this */
struct search {
  uintptr_t address;
  struct dl_find_object *found;
};

static int look(struct dl_phdr_info *object, size_t size, void *data) {
  struct search *search = data;
  void *frames = 0;
  uintptr_t start = 0, end = 0;
  (void)size;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &object->dlpi_phdr[i];
    uintptr_t at = object->dlpi_addr + header->p_vaddr;
    if (header->p_type == PT_GNU_EH_FRAME) frames = (void *)at;
    if (header->p_type == PT_LOAD && search->address >= at && search->address < at + header->p_memsz) {
      start = at;
      end = at + header->p_memsz;
    }
  }
  if (end == 0 || frames == 0) return 0;
  memset(search->found, 0, sizeof *search->found);
  search->found->dlfo_map_start = (void *)start;
  search->found->dlfo_map_end = (void *)end;
  search->found->dlfo_eh_frame = frames;
  return 1;
}

int _dl_find_object(void *address, struct dl_find_object *found) {
  struct search search = {(uintptr_t)address, found};
  return dl_iterate_phdr(look, &search) == 1 ? 0 : -1;
}

/* destructors of a thread's variables, the latest first */
struct destructor {
  void (*run)(void *);
  void *object;
  struct destructor *next;
};

static pthread_key_t destructors;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void destroy(void *first) {
  for (struct destructor *entry = first; entry != 0;) {
    struct destructor *next = entry->next;
    entry->run(entry->object);
    free(entry);
    entry = next;
  }
}

static void make_key(void) { pthread_key_create(&destructors, destroy); }

int __cxa_thread_atexit_impl(void (*run)(void *), void *object, void *library) {
  struct destructor *entry = malloc(sizeof *entry);
  (void)library;
  if (entry == 0) return -1;
  pthread_once(&once, make_key);
  *entry = (struct destructor){run, object, pthread_getspecific(destructors)};
  return pthread_setspecific(destructors, entry);
}

/* never called: libgcc's multiversioned functions, traces of crashes, coroutines of OpenSSL */
unsigned __cpu_model[4];
int __cpu_indicator_init(void) { return 0; }
int backtrace(void **frames, int size) { (void)frames; (void)size; return 0; }
char **backtrace_symbols(void *const *frames, int size) { (void)frames; (void)size; return 0; }
int getcontext(void *context) { (void)context; abort(); }
int setcontext(const void *context) { (void)context; abort(); }
void makecontext(void *context, void (*run)(void), int count, ...) { (void)context; (void)run; (void)count; abort(); }
