lotcast_program(auction-bridge
  SOURCES main.c cluster.c drain.c lent.c options.c
  DEPENDS bridge_app bridge_loop bridge_bus bridge_token bridge_digest bridge_files bridge_checks bridge_admin_host
          bridge_web relay socketio os base)
