package io.penstock.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;

/** An embedded broker in a process of its own, to be killed. */
final class BrokerProcess implements AutoCloseable {
    private static final String READY = "ready ";

    private final Process process;
    private final int port;

    private BrokerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static BrokerProcess start(Path folder) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        java,
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BrokerProcess.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        BufferedReader output = process.inputReader(UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(READY)) {
                return new BrokerProcess(process, Integer.parseInt(line.substring(READY.length())));
            }
        }
        throw new IOException("the broker's process ended before it was ready");
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** SIGKILL, and returns when the process is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Runs until it is killed, or whoever started it ends. */
    public static void main(String[] args) throws IOException {
        try (EmbeddedBroker broker = EmbeddedBroker.start(Path.of(args[0]), 0);
                BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            System.out.println(READY + broker.port());
            while (input.readLine() != null) {
                // nothing is said to it but the end
            }
        }
    }
}
