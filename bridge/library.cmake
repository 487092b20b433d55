# The Socket.IO server as a library for other programs: libsocketio.so, its headers, a pkg-config file (docs/LIBRARY.md). Its sources are
# compiled a second time, as position-independent code: the bridge's own stays as fast as it is.
include(GNUInstallDirs)
find_package(ZLIB REQUIRED)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
set(sources "${PROJECT_SOURCE_DIR}/lib/json/json_write.c")
foreach(name buffer bytes error_code status)
  list(APPEND sources "${PROJECT_SOURCE_DIR}/lib/base/${name}.c")
endforeach()
foreach(module http websocket engineio fanout socketio endpoint)
  get_target_property(own ${module} SOURCES)
  get_target_property(folder ${module} SOURCE_DIR)
  list(TRANSFORM own PREPEND "${folder}/")
  list(APPEND sources ${own})
endforeach()

add_library(socketio_shared SHARED ${sources})
target_link_libraries(socketio_shared PRIVATE lotcast_options ZLIB::ZLIB PkgConfig::CRYPTO)
target_link_options(socketio_shared PRIVATE "-Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/socketio.map")
set_target_properties(socketio_shared PROPERTIES OUTPUT_NAME socketio VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR} LINK_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/socketio.map")

configure_file(socketio.pc.in socketio.pc @ONLY)
install(TARGETS socketio_shared LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/socketio.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT library)
install(FILES socketio.h DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/socketio" COMPONENT library)
# Headers keep their folders, by which they name each other.
foreach(header bridge/socketio/server.h bridge/endpoint/endpoint.h bridge/endpoint/web_request.h bridge/engineio/engine.h
    bridge/engineio/foreign.h bridge/engineio/cookie.h bridge/engineio/deadline_heap.h bridge/engineio/frame.h bridge/engineio/handshake.h
    bridge/http/cors_policy.h bridge/http/http_head.h bridge/websocket/ws_offer.h lib/base/buffer.h lib/base/bytes.h lib/base/status.h)
  get_filename_component(folder "${header}" DIRECTORY)
  install(FILES "${PROJECT_SOURCE_DIR}/${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/socketio/${folder}" COMPONENT library)
endforeach()
