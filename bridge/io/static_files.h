// The web pages and the official client bundle, read from disk and kept in memory.
//
// Purity:    reads files below the two folders
// Ownership: static_files_create/destroy; the body of a found file is valid until the next find
// Errors:    NOT_FOUND for anything that is no file there; a path can never lead out of its folder
// Source:    docs/PROTOCOL.md, HTTP; RFC 9110 (ETag, 304)
#ifndef LOTCAST_BRIDGE_STATIC_FILES_H
#define LOTCAST_BRIDGE_STATIC_FILES_H

#include "lib/base/bytes.h"
#include "lib/base/error_code.h"
#include "lib/base/status.h"

enum { STATIC_FILES_MAX = 512, STATIC_FILE_SIZE_MAX = 16 * 1024 * 1024 };

struct static_files;

struct static_file {
    struct bytes body;
    const char *content_type;
    const char *etag; // with its quotes
    bool is_page;
};

// Either folder may be NULL: nothing is served from it.
LC_MUST_CHECK enum lc_status static_files_create(const char *web_dir, const char *bundle_dir,
                                                 struct static_files **out_files);
void static_files_destroy(struct static_files *files);

// `path` begins with '/'.
LC_MUST_CHECK enum error_code static_files_find(struct static_files *files, struct bytes path,
                                                struct static_file *out_file);

// True when an If-None-Match header names the tag.
bool static_file_is_known(const struct static_file *file, struct bytes if_none_match);

#endif
