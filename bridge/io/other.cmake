# The adapters of the bridge but the web server: the loop, the broker, tokens, digests, files.
pkg_check_modules(JWT REQUIRED IMPORTED_TARGET libjwt)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
find_path(EV_INCLUDE_DIR ev.h REQUIRED)
find_library(EV_LIBRARY ev REQUIRED)

lotcast_module(bridge_loop SOURCES loop.c DEPENDS os base)
target_include_directories(bridge_loop SYSTEM PRIVATE "${EV_INCLUDE_DIR}")
target_link_libraries(bridge_loop PUBLIC "${EV_LIBRARY}")
lotcast_module(bridge_bus SOURCES bus.c DEPENDS mqtt wire os base)
lotcast_module(bridge_token SOURCES token.c DEPENDS bridge_app os base PkgConfig::JWT)
lotcast_module(bridge_digest SOURCES digest.c DEPENDS base PkgConfig::CRYPTO)
lotcast_module(bridge_files SOURCES static_files.c DEPENDS http os base)
lotcast_module(bridge_checks SOURCES check_log.c readiness.c self_check.c DEPENDS os base)
