package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long {@code ./penstock ask} takes from its start to the first byte of the answer, beside a bare curl that asks the same
 * over the same stream. The two take turns. The launcher runs from the copy that a build has left.
 *
 * @param launcher {@code ./penstock}
 * @param url where a Penstock runs
 * @param topic null asks all of it
 */
record AskTrial(
        Path launcher,
        String url,
        String key,
        String question,
        @Nullable String topic) {
    private static final String FIRST_TEXT = "event: text";
    private static final String FIRST_BYTE = "";

    /**
     * Milliseconds of each round.
     *
     * @param ask until {@code ./penstock ask} printed the first byte
     * @param curlText until {@code curl} had printed the first event with text, which is what {@code ask} prints first
     * @param curlByte until {@code curl} printed the first byte, of an event that comes before the answer
     */
    record Figures(Samples ask, Samples curlText, Samples curlByte) {
        /** Adds them under names that say what they are. */
        void putInto(ObjectNode figures) {
            figures.put("ask_first_byte_ms", Math.round(ask.median()))
                    .put("ask_first_byte_max_ms", Math.round(ask.max()))
                    .put("curl_first_text_ms", Math.round(curlText.median()))
                    .put("curl_first_byte_ms", Math.round(curlByte.median()));
        }

        void addTo(Table table) {
            row(table, "./penstock ask, to its first byte", ask);
            row(table, "curl, to the first text", curlText);
            row(table, "curl, to its first byte", curlByte);
        }

        private static void row(Table table, String name, Samples samples) {
            table.row(name, Long.toString(Math.round(samples.median())), Long.toString(Math.round(samples.max())));
        }
    }

    /** Whether there is a curl on this machine. */
    static boolean isPossible() throws InterruptedException {
        try {
            return new ProcessBuilder("curl", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // it is not installed
        }
    }

    /** @param rounds that count; one more comes before them */
    Figures measure(int rounds) throws IOException, InterruptedException {
        List<Double> ask = new ArrayList<>();
        List<Double> curlText = new ArrayList<>();
        List<Double> curlByte = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double asked = time(ask(), FIRST_BYTE);
            double texted = time(curl(), FIRST_TEXT);
            double curled = time(curl(), FIRST_BYTE);
            if (round > 0) {
                ask.add(asked);
                curlText.add(texted);
                curlByte.add(curled);
            }
        }
        return new Figures(Samples.of(ask), Samples.of(curlText), Samples.of(curlByte));
    }

    private ProcessBuilder ask() {
        List<String> command = new ArrayList<>(List.of(launcher.toString(), "ask", "--url", url));
        if (topic != null) {
            command.addAll(List.of("--topic", topic));
        }
        command.addAll(List.of("--", question));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(Map.of("PENSTOCK_API_KEY", key));
        return builder;
    }

    private ProcessBuilder curl() {
        ObjectNode body = RunningPenstock.JSON.createObjectNode().put("message", question);
        if (topic != null) {
            body.put("topic", topic);
        }
        return new ProcessBuilder(
                "curl",
                "-sN",
                "-H",
                "X-API-Key: " + key,
                "-H",
                "Content-Type: application/json",
                "-H",
                "Accept: text/event-stream",
                "-d",
                body.toString(),
                url + "/api/chat");
    }

    /** Milliseconds from the start of a process until it has printed something; then it is read to its end. */
    private static double time(ProcessBuilder builder, String awaited) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        process.getOutputStream().close();
        try (InputStream output = process.getInputStream()) {
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            int next = output.read();
            while (next >= 0) {
                read.write(next);
                if (awaited.isEmpty() || read.toString(UTF_8).endsWith(awaited)) {
                    double took = (System.nanoTime() - begin) / 1e6;
                    output.transferTo(OutputStream.nullOutputStream());
                    if (process.waitFor() != 0) {
                        break;
                    }
                    return took;
                }
                next = output.read();
            }
            throw new IOException(builder.command().getFirst() + " ended with " + process.waitFor()
                    + " instead of printing an answer: " + read.toString(UTF_8));
        }
    }
}
