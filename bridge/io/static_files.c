#include "bridge/io/static_files.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "lib/os/os_file.h"

enum {
    PATH_SIZE_MAX = 512,
    CODINGS = HTTP_CODING_DEFLATE + 1,
    VERSION_WITHIN = 200, // bytes of a bundle file in which its first comment names the version
};

struct entry {
    char path[PATH_SIZE_MAX];
    struct timespec changed;
    off_t size;
    struct buffer body;
    struct buffer coded[CODINGS]; // made when it is first asked for
    bool is_bundle;
    char etag[STATIC_FILE_ETAG_SIZE];
};

struct static_files {
    char web_dir[PATH_SIZE_MAX];
    char bundle_dir[PATH_SIZE_MAX];
    struct http_coder *coder;
    struct entry *entries[STATIC_FILES_MAX];
    size_t count;
};

enum lc_status static_files_create(const char *web_dir, const char *bundle_dir,
                                   struct static_files **out_files)
{
    struct static_files *files = calloc(1, sizeof *files);
    struct http_coder *coder = http_coder_create();
    if (files == NULL || coder == NULL) {
        http_coder_destroy(coder);
        free(files);
        return LC_ERR_NO_MEMORY;
    }
    files->coder = coder;
    snprintf(files->web_dir, sizeof files->web_dir, "%s", web_dir == NULL ? "" : web_dir);
    snprintf(files->bundle_dir, sizeof files->bundle_dir, "%s",
             bundle_dir == NULL ? "" : bundle_dir);
    *out_files = files;
    return LC_OK;
}

static void entry_destroy(struct entry *entry)
{
    buffer_release(&entry->body);
    for (size_t i = 0; i < CODINGS; i++) {
        buffer_release(&entry->coded[i]);
    }
    free(entry);
}

void static_files_destroy(struct static_files *files)
{
    if (files == NULL) {
        return;
    }
    for (size_t i = 0; i < files->count; i++) {
        entry_destroy(files->entries[i]);
    }
    http_coder_destroy(files->coder);
    free(files);
}

static const char *content_type_of(const char *path)
{
    static const struct {
        const char *ending;
        const char *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".mp3", "audio/mpeg"},
        {".wav", "audio/wav"},
        {".ogg", "audio/ogg"},
        {".txt", "text/plain; charset=utf-8"},
        {".webmanifest", "application/manifest+json"},
    };
    size_t size = strlen(path);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t ending = strlen(types[i].ending);
        if (size > ending && strcmp(path + size - ending, types[i].ending) == 0) {
            return types[i].type;
        }
    }
    return "application/octet-stream";
}

// Plain names between single slashes: no "..", no hidden file, nothing that a file system or a
// header could take for something else.
static bool is_plain_path(struct bytes path)
{
    bool at_start = true;
    for (size_t i = 1; i < path.size; i++) {
        uint8_t c = path.data[i];
        bool is_legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
        if (!is_legal || (at_start && (c == '.' || c == '/'))) {
            return false;
        }
        at_start = c == '/';
    }
    return path.size > 1 && path.data[0] == '/' && !at_start;
}

static bool is_bundle_file(struct bytes name)
{
    static const char *const names[] = {
        "socket.io.js",
        "socket.io.js.map",
        "socket.io.min.js",
        "socket.io.min.js.map",
        "socket.io.esm.min.js",
        "socket.io.esm.min.js.map",
        "socket.io.msgpack.min.js",
        "socket.io.msgpack.min.js.map",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (bytes_equal_text(name, names[i])) {
            return true;
        }
    }
    return false;
}

// What of the path names a file of the bundle; empty: nothing.
static struct bytes bundle_name(struct bytes path)
{
    static const char *const bundles[] = {"/socket.io/", "/api/socket.io/"};
    for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++) {
        struct bytes prefix = bytes_text(bundles[i]);
        if (bytes_starts_with(path, prefix)) {
            return bytes_from(path, prefix.size);
        }
    }
    return (struct bytes){NULL, 0};
}

// Where the file of a path of the address lies; false: nowhere.
static bool locate(const struct static_files *files, struct bytes path, char out[PATH_SIZE_MAX])
{
    static const struct {
        const char *path;
        const char *file;
    } pages[] = {{"/", "index.html"},
                 {"/room", "room.html"},
                 {"/console", "console.html"},
                 {"/hall", "hall.html"}};
    struct bytes name = bundle_name(path);
    if (name.size > 0) {
        return files->bundle_dir[0] != 0 && is_bundle_file(name) &&
               snprintf(out, PATH_SIZE_MAX, "%s/%.*s", files->bundle_dir, (int)name.size,
                        (const char *)name.data) < PATH_SIZE_MAX;
    }
    if (files->web_dir[0] == 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        if (bytes_equal_text(path, pages[i].path)) {
            return snprintf(out, PATH_SIZE_MAX, "%s/%s", files->web_dir, pages[i].file) <
                   PATH_SIZE_MAX;
        }
    }
    if (!is_plain_path(path) || path.size >= PATH_SIZE_MAX) {
        return false;
    }
    return snprintf(out, PATH_SIZE_MAX, "%s%.*s", files->web_dir, (int)path.size,
                    (const char *)path.data) < PATH_SIZE_MAX;
}

// The version that a bundle file's first comment names: "* Socket.IO v4.8.4".
static bool write_version(struct bytes script, struct entry *entry)
{
    char begin[VERSION_WITHIN + 1];
    size_t size = script.size < VERSION_WITHIN ? script.size : VERSION_WITHIN;
    if (size > 0) {
        memcpy(begin, script.data, size);
    }
    begin[size] = 0;
    const char *version = strstr(begin, "Socket.IO v");
    if (version == NULL) {
        return false;
    }
    version += strlen("Socket.IO v");
    int length = (int)strspn(version, "0123456789.");
    int written = snprintf(entry->etag, sizeof entry->etag, "\"%.*s\"", length, version);
    return length > 0 && written < (int)sizeof entry->etag;
}

// A map has no comment: its version is that of its script beside it.
static bool write_version_of_map(struct entry *entry)
{
    char script_path[PATH_SIZE_MAX];
    size_t size = strlen(entry->path) - strlen(".map");
    struct buffer script;
    snprintf(script_path, sizeof script_path, "%.*s", (int)size, entry->path);
    buffer_init(&script, STATIC_FILE_SIZE_MAX);
    bool is_done =
        os_file_read(script_path, &script) == LC_OK && write_version(buffer_bytes(&script), entry);
    buffer_release(&script);
    return is_done;
}

static void write_etag(struct entry *entry)
{
    bool is_map = strstr(entry->path, ".js.map") != NULL;
    if (entry->is_bundle &&
        (is_map ? write_version_of_map(entry) : write_version(buffer_bytes(&entry->body), entry))) {
        return;
    }
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < entry->body.size; i++) {
        hash = (hash ^ entry->body.data[i]) * UINT64_C(1099511628211);
    }
    snprintf(entry->etag, sizeof entry->etag, "\"%016" PRIx64 "-%zx\"", hash, entry->body.size);
}

static struct entry *load(const char *path, const struct stat *found, bool is_bundle)
{
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        return NULL;
    }
    snprintf(entry->path, sizeof entry->path, "%s", path);
    entry->changed = found->st_mtim;
    entry->size = found->st_size;
    entry->is_bundle = is_bundle;
    buffer_init(&entry->body, STATIC_FILE_SIZE_MAX);
    for (size_t i = 0; i < CODINGS; i++) {
        buffer_init(&entry->coded[i], STATIC_FILE_SIZE_MAX);
    }
    if (os_file_read(path, &entry->body) != LC_OK) {
        entry_destroy(entry);
        return NULL;
    }
    write_etag(entry);
    return entry;
}

// The file as it is on disk now; NULL when it cannot be read.
static struct entry *look_up(struct static_files *files, const char *path, const struct stat *found,
                             bool is_bundle)
{
    size_t place = 0;
    while (place < files->count && strcmp(files->entries[place]->path, path) != 0) {
        place++;
    }
    struct entry *known = place < files->count ? files->entries[place] : NULL;
    if (known != NULL && known->size == found->st_size &&
        known->changed.tv_sec == found->st_mtim.tv_sec &&
        known->changed.tv_nsec == found->st_mtim.tv_nsec) {
        return known;
    }
    struct entry *fresh = load(path, found, is_bundle);
    if (fresh == NULL) {
        return NULL;
    }
    if (known == NULL && files->count == STATIC_FILES_MAX) {
        place = 0; // a full table gives its first place up
        known = files->entries[0];
    }
    if (known == NULL) {
        files->count++;
    } else {
        entry_destroy(known);
    }
    files->entries[place] = fresh;
    return fresh;
}

// ---- answers ----

static bool is_worth_coding(const struct entry *entry, const char *type)
{
    static const char *const types[] = {"text/", "application/javascript", "application/json",
                                        "application/manifest+json", "image/svg+xml"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strncmp(type, types[i], strlen(types[i])) == 0) {
            return entry->body.size >= HTTP_CODING_BYTES_MIN;
        }
    }
    return false;
}

// False: as it is, the file is no larger.
static bool has_coded(struct static_files *files, struct entry *entry, enum http_coding coding)
{
    struct buffer *coded = &entry->coded[coding];
    if (coded->size == 0 &&
        http_coder_code(files->coder, coding, buffer_bytes(&entry->body), coded) != LC_OK) {
        buffer_release(coded);
        return false;
    }
    return coded->size < entry->body.size;
}

static const char *type_of(const struct entry *entry, const char *located)
{
    const char *type = content_type_of(located);
    if (entry->is_bundle) { // the reference server's names for the same
        type = strcmp(type, "application/json") == 0 ? "application/json; charset=utf-8"
                                                     : "application/javascript; charset=utf-8";
    }
    return type;
}

enum error_code static_files_find(struct static_files *files, struct bytes path,
                                  struct bytes accept_encoding, struct static_file *out_file)
{
    char located[PATH_SIZE_MAX];
    struct stat found;
    if (!locate(files, path, located) || stat(located, &found) != 0 || !S_ISREG(found.st_mode)) {
        return ERROR_NOT_FOUND;
    }
    struct entry *entry = look_up(files, located, &found, bundle_name(path).size > 0);
    if (entry == NULL) {
        return ERROR_NOT_FOUND;
    }
    const char *type = type_of(entry, located);
    *out_file = (struct static_file){.body = buffer_bytes(&entry->body),
                                     .content_type = type,
                                     .etag = entry->etag,
                                     .has_codings = is_worth_coding(entry, type),
                                     .is_page = strncmp(type, "text/html", 9) == 0,
                                     .is_bundle = entry->is_bundle};
    enum http_coding coding = http_coding_choose(accept_encoding);
    if (out_file->has_codings && coding != HTTP_CODING_NONE && has_coded(files, entry, coding)) {
        out_file->coding = coding;
        out_file->body = buffer_bytes(&entry->coded[coding]);
    }
    return ERROR_NONE;
}

void static_file_append_headers(const struct static_file *file, struct buffer *out)
{
    // A strong tag stands for one sequence of bytes; that of the bundle is what clients know.
    bool is_weak = file->coding != HTTP_CODING_NONE && !file->is_bundle;
    buffer_append_format(out, "ETag: %s%s\r\n", is_weak ? "W/" : "", file->etag);
    buffer_append_format(out, "Cache-Control: %s\r\n",
                         file->is_bundle ? "public, max-age=0" : "no-cache");
    if (file->has_codings) {
        buffer_append_text(out, "Vary: Accept-Encoding\r\n");
    }
    buffer_append_text(out, http_coding_line(file->coding));
}

bool static_file_is_known(const struct static_file *file, struct bytes if_none_match)
{
    size_t tag_size = strlen(file->etag);
    if (bytes_equal_text(if_none_match, "*")) {
        return true;
    }
    for (size_t at = 0; at + tag_size <= if_none_match.size; at++) {
        if (memcmp(if_none_match.data + at, file->etag, tag_size) == 0) {
            return true;
        }
    }
    return false;
}
