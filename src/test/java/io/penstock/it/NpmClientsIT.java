package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Clients that others publish on npm: they register schemas with the API key as a password, publish an alert, and read the
 * inferences that it led to.
 */
@Timeout(400)
@ExtendWith(SharedPenstock.class)
class NpmClientsIT {
    private static final String TEXT = "The lighthouse keeper counts the ships that pass the cape every evening in %s.";

    private final PenstockProcess penstock;
    private final NodeClients clients;

    NpmClientsIT(PenstockProcess penstock) {
        this.penstock = penstock;
        this.clients = NodeClients.installed();
    }

    @Test
    void shouldServeKafkaJsWithItsRegistryClient() {
        JsonNode answer = published("kafkajs.mjs", "npm-kafkajs");

        assertThat(answer.get("refused").booleanValue()).as("without the key").isTrue();
        assertThat(answer.get("registered").booleanValue()).isTrue();
        assertThat(answer.get("nested").textValue()).isEqualTo("x");
        assertThat(texts(answer)).containsExactlyInAnyOrder(TEXT.formatted("June"), TEXT.formatted("July"));
    }

    @Test
    void shouldServeConfluentsJavaScriptClient() {
        JsonNode answer = published("confluent.mjs", "npm-confluent");

        assertThat(answer.get("refused").booleanValue()).as("without the key").isTrue();
        assertThat(answer.get("registered").booleanValue()).isTrue();
        assertThat(answer.get("compatible").booleanValue()).isFalse();
        assertThat(answer.get("nested").textValue()).isEqualTo("x");
        assertThat(texts(answer)).containsExactlyInAnyOrder(TEXT.formatted("June"), TEXT.formatted("July"));
    }

    /** Has a program publish an alert for a topic of its own, and answers what it says. */
    private JsonNode published(String program, String topic) {
        Api api = penstock.api();
        api.create(topic, "notes");
        api.inlineProcessor(
                topic,
                topic,
                "notes",
                new InlineItem("june", "June", TEXT.formatted("June")),
                new InlineItem("july", "July", TEXT.formatted("July")));
        return clients.answer(
                program,
                Map.of(
                        "PENSTOCK_KAFKA",
                        penstock.bootstrapServers(),
                        "PENSTOCK_REGISTRY",
                        api.url() + "/registry",
                        "PENSTOCK_KEY",
                        api.key(),
                        "ALERT_ID",
                        topic + "-" + UUID.randomUUID(),
                        "ALERT_TOPIC",
                        topic,
                        "ALERT_SEGMENT",
                        "notes",
                        "ALERT_ITEMS",
                        "2"));
    }

    private static List<String> texts(JsonNode answer) {
        List<String> texts = new ArrayList<>();
        answer.get("inferences").forEach(each -> texts.add(each.get("text").textValue()));
        return texts;
    }
}
