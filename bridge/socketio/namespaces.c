// Namespaces: who owns a name, and how long it is there.
#include <stdlib.h>

#include "bridge/socketio/state.h"

static struct namespace **bucket_of(struct socketio_server *server, struct bytes name)
{
    return &server->namespaces[hash_bytes(HASH_BEGIN, name) & (NAMESPACE_BUCKETS - 1)];
}

struct namespace *namespace_find(const struct socketio_server *server, struct bytes name)
{
    struct namespace *found =
        server->namespaces[hash_bytes(HASH_BEGIN, name) & (NAMESPACE_BUCKETS - 1)];
    while (found != NULL && !bytes_equal(namespace_name(found), name)) {
        found = found->next;
    }
    return found;
}

static struct namespace *namespace_create(struct socketio_server *server, struct bytes name)
{
    struct namespace *namespace = calloc(1, sizeof *namespace + name.size);
    if (namespace == NULL) {
        return NULL;
    }
    memcpy(namespace->name, name.data, name.size);
    namespace->name_size = name.size;
    struct namespace **bucket = bucket_of(server, name);
    namespace->next = *bucket;
    *bucket = namespace;
    namespace->older = server->newest_namespace;
    *(namespace->older == NULL ? &server->oldest_namespace : &namespace->older->newer) = namespace;
    server->newest_namespace = namespace;
    return namespace;
}

static void namespace_remove(struct socketio_server *server, struct namespace *namespace)
{
    struct namespace **link = bucket_of(server, namespace_name(namespace));
    while (*link != namespace) {
        link = &(*link)->next;
    }
    *link = namespace->next;
    *(namespace->older == NULL ? &server->oldest_namespace : &namespace->older->newer) =
        namespace->newer;
    *(namespace->newer == NULL ? &server->newest_namespace : &namespace->newer->older) =
        namespace->older;
    free(namespace);
}

void namespace_release(struct socketio_server *server, struct namespace *namespace)
{
    LC_ASSERT(namespace->references > 0);
    namespace->references--;
    if (namespace->references == 0 && !namespace->registered) {
        namespace_remove(server, namespace);
    }
}

void namespaces_release(struct socketio_server *server)
{
    struct namespace *namespace = server->oldest_namespace;
    while (namespace != NULL) {
        LC_ASSERT(namespace->references == 0);
        struct namespace *newer = namespace->newer;
        free(namespace);
        namespace = newer;
    }
    while (server->owners != NULL) {
        struct owner *owner = server->owners;
        server->owners = owner->next;
        free(owner);
    }
}

static struct owner *matching_owner(const struct socketio_server *server, struct bytes name)
{
    struct owner *owner = server->owners;
    while (owner != NULL && (owner->matches == NULL || !owner->matches(owner->app, name))) {
        owner = owner->next;
    }
    return owner != NULL ? owner : server->otherwise;
}

struct namespace *namespace_for(struct socketio_server *server, struct bytes name)
{
    struct namespace *found = namespace_find(server, name);
    if (found != NULL && (found->registered || found->sockets_count > 0)) {
        return found;
    }
    struct owner *owner = matching_owner(server, name);
    if (owner == NULL) {
        return NULL;
    }
    if (found == NULL) {
        found = namespace_create(server, name);
    }
    if (found != NULL) {
        found->owner = owner;
    }
    return found;
}

static struct owner *owner_add(struct socketio_server *server, const struct socketio_app_ops *ops,
                               void *app)
{
    struct owner *owner = calloc(1, sizeof *owner);
    if (owner != NULL) {
        owner->ops = *ops;
        owner->app = app;
        struct owner **link = &server->owners;
        while (*link != NULL) {
            link = &(*link)->next;
        }
        *link = owner;
    }
    return owner;
}

enum lc_status socketio_namespace_add(struct socketio_server *server, struct bytes name,
                                      const struct socketio_app_ops *ops, void *app)
{
    if (name.size == 0 || name.size > NAMESPACE_SIZE_MAX || name.data[0] != '/' ||
        bytes_find(name, ',', 0) < name.size) {
        return LC_ERR_BAD_INPUT;
    }
    struct namespace *namespace = namespace_find(server, name);
    if (namespace != NULL && (namespace->registered || namespace->sockets_count > 0)) {
        return LC_ERR_EXISTS;
    }
    struct owner *owner = owner_add(server, ops, app);
    if (owner != NULL && namespace == NULL) {
        namespace = namespace_create(server, name);
    }
    if (owner == NULL || namespace == NULL) {
        return LC_ERR_NO_MEMORY; // an owner of nothing goes with the server
    }
    namespace->owner = owner;
    namespace->registered = true;
    return LC_OK;
}

enum lc_status socketio_namespace_add_matching(struct socketio_server *server,
                                               bool (*matches)(void *app, struct bytes name),
                                               const struct socketio_app_ops *ops, void *app)
{
    struct owner *owner = owner_add(server, ops, app);
    if (owner == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    owner->matches = matches;
    return LC_OK;
}

void socketio_namespaces_visit(const struct socketio_server *server,
                               void (*visit)(void *context, struct bytes name, size_t sockets),
                               void *context)
{
    const struct namespace *namespace = server->oldest_namespace;
    for (; namespace != NULL; namespace = namespace->newer) {
        if (namespace->registered || namespace->sockets_count > 0) {
            visit(context, namespace_name(namespace), namespace->sockets_count);
        }
    }
}
