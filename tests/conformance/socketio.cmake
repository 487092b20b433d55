add_executable(conformance_server conformance_server.c admin_desk.c)
target_link_libraries(conformance_server PRIVATE lotcast_options bridge_admin_host bridge_web socketio os ${LIBEV_LIBRARY})

foreach(part engineio socketio http network clients admin)
  lotcast_script_test(conformance_${part} LABEL conformance TIMEOUT 180
    COMMAND node --test tests/conformance/${part}.test.mjs)
endforeach()
