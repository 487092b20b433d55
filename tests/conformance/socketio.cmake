add_executable(conformance_server conformance_server.c admin_desk.c suite_options.c suite_hooks.c suite_text.c
  profile_engineio.c profile_socketio.c profile_client.c profile_lab.c)
target_compile_definitions(conformance_server PRIVATE
  LOTCAST_CONFORMANCE_BUNDLE="${PROJECT_SOURCE_DIR}/tests/node_modules/socket.io/client-dist")
target_link_libraries(conformance_server PRIVATE lotcast_options bridge_admin_host bridge_files bridge_web socketio json os
  ${LIBEV_LIBRARY})

foreach(part engineio socketio http network clients admin msgpack)
  lotcast_script_test(conformance_${part} LABEL conformance TIMEOUT 180
    COMMAND node --test tests/conformance/${part}.test.mjs)
endforeach()
