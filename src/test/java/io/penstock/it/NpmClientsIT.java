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
 * Clients that others publish on npm. Those of Kafka register schemas with the API key as a password, publish an alert and read the
 * inferences that it led to, or ask the chat over its topics; OpenAI's own asks, embeds and lists models.
 */
@Timeout(400)
@ExtendWith(SharedPenstock.class)
class NpmClientsIT {
    private static final String PILOTS =
            "Pilotage is compulsory at night for every vessel that carries fuel, whatever its length.";
    private static final String QUESTION = "Which vessels need a pilot at night?";
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

    @Test
    void shouldServeTheOpenAiClient() {
        JsonNode answer = asked("openai.mjs", "npm-openai");

        assertThat(answer.get("models"))
                .extracting(JsonNode::textValue)
                .contains("penstock", "penstock/npm-openai", "penstock/npm-openai/notes", "all-MiniLM-L6-v2");
        assertThat(answer.at("/model/id").textValue()).isEqualTo("penstock/npm-openai/notes");

        JsonNode whole = answer.get("whole");
        assertThat(whole.at("/choices/0/message/content").textValue()).contains(PILOTS);
        assertThat(whole.at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
        assertThat(whole.at("/choices/0/answered").booleanValue()).isTrue();
        assertThat(whole.at("/choices/0/answerer").textValue()).isEqualTo("extractive");
        assertThat(whole.at("/choices/0/citations/0/text").textValue()).isEqualTo(PILOTS);
        assertThat(whole.at("/usage/total_tokens").isInt()).isTrue();
        assertThat(answer.at("/unknown/answered").booleanValue()).isFalse();
        assertThat(answer.at("/unknown/citations")).isEmpty();
        assertThat(answer.at("/followUp/citations/0/text").textValue()).isEqualTo(PILOTS);

        JsonNode stream = answer.get("stream");
        assertThat(stream.get("text")).isEqualTo(whole.at("/choices/0/message/content"));
        assertThat(stream.get("roles")).hasSize(1);
        assertThat(stream.at("/cited/0/0/text").textValue()).isEqualTo(PILOTS);
        assertThat(stream.get("last").get("citations")).isEqualTo(whole.at("/choices/0/citations"));
        assertThat(stream.at("/last/answered").booleanValue()).isTrue();
        assertThat(stream.at("/last/finish_reason").textValue()).isEqualTo("stop");
        assertThat(stream.get("usage").get("total_tokens").isInt()).isTrue();
        assertThat(answer.get("collected")).isEqualTo(whole.at("/choices/0/message/content"));

        assertThat(answer.get("vectors"))
                .hasSize(2)
                .allSatisfy(vector -> assertThat(vector).hasSize(384));
        assertThat(answer.at("/vectors/0")).isNotEqualTo(answer.at("/vectors/1"));
        assertThat(answer.get("floats")).isEqualTo(answer.get("vectors"));
        assertThat(answer.get("embeddingUsage").intValue()).isGreaterThan(10);

        assertThat(answer.get("errors").toString())
                .isEqualTo("[[401,\"AuthenticationError\",\"key.wrong\",null],"
                        + "[404,\"NotFoundError\",\"model.unknown\",\"model\"],"
                        + "[404,\"NotFoundError\",\"topic.unknown\",\"model\"],"
                        + "[422,\"UnprocessableEntityError\",\"parameter.invalid\",\"tools\"],"
                        + "[400,\"BadRequestError\",\"body.malformed\",\"input\"]]");
    }

    @Test
    void shouldLetKafkaJsAskOverTheTopics() {
        JsonNode answer = asked("kafkajs-chat.mjs", "npm-chat");

        assertThat(answer.get("request_id")).isEqualTo(answer.get("asked"));
        assertThat(answer.get("last").booleanValue()).isTrue();
        assertThat(answer.get("error").isNull()).isTrue();
        assertThat(answer.at("/answer/answered").booleanValue()).isTrue();
        assertThat(answer.at("/answer/reply").textValue()).contains(PILOTS);
        assertThat(answer.at("/answer/citations/0/text").textValue()).isEqualTo(PILOTS);
        assertThat(answer.at("/answer/citations/0/topic").textValue()).isEqualTo("npm-chat");
    }

    /** Has a program ask about a topic of its own, which has been collected, and answers what it says. */
    private JsonNode asked(String program, String topic) {
        Api api = penstock.api();
        api.create(topic, "notes");
        api.inlineProcessor(
                topic,
                topic,
                "notes",
                new InlineItem("pilots", "Pilots", PILOTS),
                new InlineItem(
                        "quay", "Quay", "The north quay is closed to long vessels until the crane is repaired."));
        assertThat(api.collected(topic, "notes").get("state").textValue()).isEqualTo("DONE");
        return clients.answer(
                program,
                Map.of(
                        "PENSTOCK_KAFKA",
                        penstock.bootstrapServers(),
                        "PENSTOCK_REGISTRY",
                        api.url() + "/registry",
                        "PENSTOCK_URL",
                        api.url(),
                        "PENSTOCK_KEY",
                        api.key(),
                        "CHAT_TOPIC",
                        topic,
                        "CHAT_QUESTION",
                        QUESTION));
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
