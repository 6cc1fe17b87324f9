package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two instances on one broker answer clients that ask all the while; one is killed and started again halfway. Some thousand questions
 * in the regular run; {@code ./penstock soak chat} asks more, and prints what is written to {@code target/soak/chat.json}.
 */
@Timeout(1800)
class ChatSoakIT {
    /** Of so many, one in a hundred is as many as there are clients: all of them may have asked the instance that is killed. */
    private static final int REQUESTS = Integer.getInteger("penstock.soak.requests", 6_400);

    private static final long SEED = Long.getLong("penstock.soak.seed", new Random().nextInt(1_000_000));
    private static final int CLIENTS = 64;
    private static final Duration HALFWAY = Duration.ofMinutes(10);
    private static final String KEY = "one-key-for-both-instances";

    @Test
    void shouldAnswerEachQuestionWithItselfWhenAnInstanceIsKilledHalfway() throws Exception {
        System.out.println("seed " + SEED + " (-Dpenstock.soak.seed)");
        Random random = new Random(SEED);
        int killAt = REQUESTS / 2 + random.nextInt(REQUESTS / 20 + 1);
        try (PenstockProcess broker = new PenstockProcess("chat-soak-broker")
                .with("PENSTOCK_ROLES", "broker")
                .with("PENSTOCK_API_KEY", KEY)
                .withHeap(384)) {
            broker.start();
            try (PenstockProcess one = instance("one", broker);
                    PenstockProcess other = instance("other", broker)) {
                start(one, other);
                PenstockProcess victim = random.nextBoolean() ? one : other;
                try (ChatSoakClients clients =
                        new ChatSoakClients(List.of(one.api(), other.api()), CLIENTS, REQUESTS)) {
                    Awaitility.await("half of the questions are asked")
                            .atMost(HALFWAY)
                            .pollInterval(Duration.ofMillis(2))
                            .until(() -> clients.begun() >= killAt);
                    clients.kill(victim.api(), victim::kill);
                    victim.start();
                    clients.endAfter(REQUESTS / 4); // of which it takes its share again
                    assertThat(clients.awaitEnd()).as("no client hangs").isTrue();

                    Map<String, Integer> turns = turns(victim.api());
                    List<String> forgotten = clients.nonces().stream()
                            .filter(nonce -> !turns.containsKey(nonce))
                            .toList();
                    List<String> doubled = turns.entrySet().stream()
                            .filter(turn -> turn.getValue() > 1)
                            .map(Map.Entry::getKey)
                            .toList();
                    write(clients, forgotten, doubled);
                    assertThat(clients.faults()).isEmpty();
                    assertThat(clients.wrong()).isEmpty();
                    assertThat(forgotten)
                            .as("questions that were answered and are no turn")
                            .isEmpty();
                    assertThat(doubled).as("questions that are two turns").isEmpty();
                    ChatSoakClients.Counts counts = clients.counts();
                    assertThat(counts.requests()).isGreaterThanOrEqualTo(REQUESTS);
                    assertThat(counts.errors()).isLessThanOrEqualTo(REQUESTS / 100);
                }
            }
        }
    }

    private static PenstockProcess instance(String name, PenstockProcess broker) {
        return new PenstockProcess("chat-soak-" + name)
                .with("PENSTOCK_API_KEY", KEY)
                .with("PENSTOCK_LLM", "echo")
                .with("KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers())
                .withFixedPort()
                .withHeap(512);
    }

    private static void start(PenstockProcess... processes) throws Exception {
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> starts = new ArrayList<>();
            for (PenstockProcess process : processes) {
                starts.add(each.submit(process::start));
            }
            for (Future<?> one : starts) {
                one.get();
            }
        }
    }

    /** How often each question is a turn of some conversation. */
    private static Map<String, Integer> turns(Api api) {
        Map<String, Integer> turns = new HashMap<>();
        for (JsonNode conversation : api.entries("conversations", "soak-")) {
            for (JsonNode turn : conversation.at("/value/turns")) {
                turns.merge(turn.get("message").textValue(), 1, Integer::sum);
            }
        }
        return turns;
    }

    private static void write(ChatSoakClients clients, List<String> forgotten, List<String> doubled) {
        ChatSoakClients.Counts counts = clients.counts();
        ObjectNode figures = Api.JSON
                .createObjectNode()
                .put("kills", 1)
                .put("lost", forgotten.size())
                .put("doubled", doubled.size())
                .put("requests", counts.requests())
                .put("answered", counts.answered())
                .put("errors", counts.errors())
                .put("wrong", clients.wrong().size())
                .put("late", counts.late())
                .put("refused", counts.refused())
                .put("slowest_ms", counts.slowest().toMillis())
                .put("faults", clients.faults().size())
                .put("seed", SEED);
        System.out.println(figures);
        PenstockProcess.write(Path.of("target", "soak", "chat.json"), figures + "\n");
    }
}
