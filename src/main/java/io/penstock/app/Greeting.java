package io.penstock.app;

import io.penstock.schema.CatalogEntry;

/** What is printed when everything works: where it is, and a line to paste that asks a question. */
final class Greeting {
    private static final String QUESTION = "What is a fence?";

    private Greeting() {}

    /** What is printed when this is a broker for other instances. */
    static void printBroker(Launch launch, long startNanos, Platform platform) {
        System.out.println();
        System.out.printf(
                "Penstock's broker is ready at %s (started in %.1f s)%n",
                launch.settings().url(), startNanos / 1e9);
        System.out.println("  Kafka      " + platform.kafka().bootstrapServers());
        System.out.println();
        System.out.println("Start instances with KAFKA_BOOTSTRAP_SERVERS="
                + platform.kafka().bootstrapServers() + " and a PENSTOCK_PORT and PENSTOCK_DATA for each.");
        System.out.flush();
    }

    /**
     * A key that was made here is printed to the terminal of the one who started the process, and nowhere else: it goes through no
     * logger. One that was given is known already, and what is printed may be kept, as a container's output is.
     */
    static void print(Launch launch, String key, long startNanos, Penstock penstock) {
        String url = launch.settings().url();
        StringBuilder topics = new StringBuilder();
        for (CatalogEntry topic : penstock.catalog().topics()) {
            topics.append(topics.isEmpty() ? "" : ", ").append(topic.getTopic());
        }
        System.out.println();
        System.out.printf("Penstock is ready at %s (started in %.1f s)%n", url, startNanos / 1e9);
        System.out.println("  Kafka      " + penstock.platform().kafka().bootstrapServers());
        System.out.println("  topics     " + (topics.isEmpty() ? "none yet" : topics));
        penstock.topologyFaults().values().forEach(fault -> System.out.println("  stopped    " + fault));
        penstock.configFaults().values().forEach(fault -> System.out.println("  look at    " + fault));
        System.out.println();
        System.out.println("Ask it something (Ctrl-C stops Penstock):");
        System.out.println();
        String header = launch.settings().apiKey().isPresent()
                ? "\"X-API-Key: $PENSTOCK_API_KEY\""
                : "'X-API-Key: " + key + "'";
        System.out.println("curl -s -H " + header + " -H 'Content-Type: application/json' " + url
                + "/api/chat -d '{\"message\":\"" + QUESTION + "\"}'");
        System.out.flush();
    }
}
