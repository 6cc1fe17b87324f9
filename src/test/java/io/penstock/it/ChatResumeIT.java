package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.answer.ChatServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams that outlive the instance that passed them on. */
@Timeout(180)
class ChatResumeIT {
    private static final String KEY = "one-key-for-all-instances";
    private static final String NOTICE =
            "The north quay is closed to vessels of more than 40 metres until the crane has been repaired in May.";
    /** The umlaut and the sign behind it are more than one byte, and the sign is two UTF-16 units. */
    private static final String REPLY = IntStream.rangeClosed(1, 120)
                    .mapToObj(i -> "Vessel " + i + " lies at the Süd quay \ud83d\udea2.")
                    .collect(Collectors.joining(" "))
            + " [1]";
    /** Their sessions lie in all partitions of the requests, so that each instance answers some. */
    private static final int STREAMS = 6;

    private static final ChatServer MODEL = new ChatServer();
    private static final PenstockProcess BROKER = new PenstockProcess("chat-broker")
            .with("PENSTOCK_ROLES", "broker")
            .with("PENSTOCK_API_KEY", KEY)
            .withHeap(384);
    private static final List<PenstockProcess> INSTANCES = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        MODEL.will(ChatServer.text("Nothing to say."));
        BROKER.start();
        for (String name : List.of("one", "two")) {
            PenstockProcess instance = new PenstockProcess("chat-" + name)
                    .with("PENSTOCK_API_KEY", KEY)
                    .with("KAFKA_BOOTSTRAP_SERVERS", BROKER.bootstrapServers())
                    .with("PENSTOCK_LLM", "openai")
                    .with("PENSTOCK_LLM_MODEL", "test-model")
                    .with("OPENAI_BASE_URL", MODEL.url())
                    .with("OPENAI_API_KEY", "none")
                    .withFixedPort()
                    .withHeap(512);
            withCopiesOfTheIndex(instance);
            INSTANCES.add(instance);
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            INSTANCES.stream()
                    .map(instance -> CompletableFuture.runAsync(instance::start, threads))
                    .toList()
                    .forEach(CompletableFuture::join);
        }
        Api api = INSTANCES.getFirst().api();
        api.create("harbour", "notices");
        api.inlineProcessor("plain", "harbour", "notices", new InlineItem("n-17", "Notice 17", NOTICE));
        assertThat(api.collected("harbour", "notices").path("state").asText()).isEqualTo("DONE");
    }

    /** So that a question that is answered again needs not wait until the index has moved. */
    private static void withCopiesOfTheIndex(PenstockProcess instance) throws IOException {
        Path file = instance.ownTopologies().resolve("vector-index.yaml");
        String text = Files.readString(file);
        Files.writeString(file, text.replace("kafka:\n", "kafka:\n  num.standby.replicas: 1\n"));
        assertThat(Files.readString(file)).contains("num.standby.replicas");
    }

    @AfterAll
    static void stop() {
        INSTANCES.forEach(PenstockProcess::close);
        BROKER.close();
        MODEL.close();
    }

    /** Some milliseconds for each word, and about five seconds for the whole. */
    private static void writeSlowly(ChatServer.Exchange exchange) throws IOException {
        exchange.stream();
        for (String word : REPLY.split("(?= )", -1)) {
            if (word.endsWith(".") && !exchange.waitALittle()) {
                return;
            }
            exchange.piece(word);
        }
        exchange.finish("stop");
        exchange.usage(11, 7);
        exchange.event("[DONE]");
        exchange.end();
    }

    @Test
    void shouldGiveTheSameBytesWhenTheInstanceOfAStreamIsKilled() {
        MODEL.will(ChatResumeIT::writeSlowly);
        Api killed = INSTANCES.getFirst().api();
        Api other = INSTANCES.getLast().api();
        List<EventClient> broken = IntStream.range(0, STREAMS)
                .mapToObj(i -> EventClient.ask(killed, "session-" + i, "Which vessels may not use the north quay?"))
                .toList();
        broken.forEach(client -> client.awaitText("Vessel 10 lies"));

        INSTANCES.getFirst().kill();

        List<EventClient> resumed = new ArrayList<>();
        for (EventClient client : broken) {
            client.await("the connection breaks", client::isOver);
            assertThat(client.names()).doesNotContain("done", "error");
            resumed.add(client.resumeAt(other));
        }
        for (EventClient client : resumed) {
            assertThat(client.end().path("reply").asText()).isEqualTo(REPLY);
            assertThat(client.text()).isEqualTo(REPLY);
        }
        assertThat(resumed)
                .as("streams that went on without being made again")
                .anyMatch(client -> !client.names().contains("reset"));
        resumed.forEach(EventClient::close);
    }
}
