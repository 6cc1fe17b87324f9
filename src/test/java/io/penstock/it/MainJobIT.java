package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The main job on the project's own sample: started with nothing, it has read its documentation and answers from it. */
@Timeout(300)
@ExtendWith(SharedPenstock.class)
class MainJobIT {
    /** Some seconds on a machine that does nothing else; many more where other tests run beside it. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final int RIGHT_FILES_AT_LEAST = 4;
    private static final List<Asked> READERS_QUESTIONS = List.of(
            new Asked("Which variable sets the port of the HTTP server?", "README.md", "docs/operations.md"),
            new Asked("How long are dead letters kept?", "docs/kafka-topics.md"),
            new Asked("Which embedding model is used and how many dimensions has it?", "docs/models.md"),
            new Asked("What does a call answer when a collection names an unknown topic?", "docs/http.md"),
            new Asked("Who can read the file with the API key?", "docs/security.md", "README.md"));

    private final Api api;

    MainJobIT(PenstockProcess penstock) {
        this.api = penstock.api();
    }

    /** A question, and the files that hold its answer. */
    private record Asked(String question, List<String> files) {
        Asked(String question, String... files) {
            this(question, List.of(files));
        }
    }

    @BeforeEach
    void awaitSample() {
        Awaitility.await("the sample has been collected")
                .atMost(PATIENCE)
                .until(() -> sampleRun("penstock").path("state").asText().equals("DONE")
                        && sampleRun("lighthouse").path("state").asText().equals("DONE"));
    }

    private JsonNode sampleRun(String topic) {
        for (JsonNode run : api.get("/api/runs?limit=1000").body().path("runs")) {
            // Other tests that share the application collect the same topics again.
            if (run.get("topic").textValue().equals(topic)
                    && run.get("alert_id").textValue().startsWith("collections/")) {
                return run;
            }
        }
        return Api.JSON.missingNode();
    }

    @Test
    void shouldHaveCollectedTheSample() {
        JsonNode run = sampleRun("penstock");

        assertThat(run.at("/counts/tasks").intValue()).isEqualTo(13);
        assertThat(run.at("/counts/captured").intValue()).isEqualTo(13);
        assertThat(run.at("/counts/indexed").intValue()).isEqualTo(13);
        assertThat(run.at("/counts/failed").intValue()).isZero();
        assertThat(sampleRun("lighthouse").at("/counts/indexed").intValue()).isEqualTo(12);
    }

    @Test
    void shouldCiteTheRightFileForMostQuestionsOfAReader() {
        List<String> answers = new ArrayList<>();
        int right = 0;
        for (Asked asked : READERS_QUESTIONS) {
            JsonNode answer = Api.require(api.ask(asked.question(), null), 200).body();
            String first = answer.at("/citations/0/item").asText();
            right += asked.files().contains(first) ? 1 : 0;
            answers.add(asked.question() + " -> " + first);
            answer.get("citations").forEach(this::assertQuotedExactly);
        }
        assertThat(right).as(String.join("\n", answers)).isGreaterThanOrEqualTo(RIGHT_FILES_AT_LEAST);
    }

    @Test
    void shouldAnswerFromTheLogbookWithinItsTopic() {
        JsonNode answer = Api.require(api.ask("Which ship struck the eastern reef?", "lighthouse"), 200)
                .body();

        assertThat(answer.get("answered").booleanValue()).isTrue();
        assertThat(answer.get("answerer").textValue()).isEqualTo("extractive");
        assertThat(answer.at("/citations/0/item").textValue()).isEqualTo("1897-03-02");
        assertThat(answer.get("reply").textValue()).contains("Wilhelmina");
        answer.get("citations").forEach(this::assertQuotedExactly);
    }

    @Test
    void shouldSayThatNothingIsKnownAboutSomethingElse() {
        // Not a question that the documentation asks as an example: it would be found there.
        JsonNode answer = Api.require(api.ask("How long should sourdough bread be baked?", null), 200)
                .body();

        assertThat(answer.get("answered").booleanValue()).isFalse();
        assertThat(answer.get("citations")).isEmpty();
    }

    @Test
    void shouldFindPassages() {
        JsonNode answer = Api.require(api.get("/api/search?topic=lighthouse&k=3&q=fog+bell"), 200)
                .body();

        assertThat(answer.at("/hits/0/item").textValue()).isEqualTo("1897-02-11");
        assertThat(answer.at("/shards/asked").intValue())
                .isEqualTo(answer.at("/shards/answered").intValue());
        answer.get("hits").forEach(this::assertQuotedExactly);
    }

    /** A cited text is the record's text from start to end, character by character. */
    private void assertQuotedExactly(JsonNode citation) {
        JsonNode record = Api.require(
                        api.get("/api/topics/" + citation.get("topic").textValue() + "/segments/"
                                + citation.get("segment").textValue() + "/records/"
                                + citation.get("item").textValue()),
                        200)
                .body();
        assertThat(record.get("text")
                        .textValue()
                        .substring(
                                citation.get("start").intValue(),
                                citation.get("end").intValue()))
                .isEqualTo(citation.get("text").textValue());
    }
}
