package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pulsar.kafka.shade.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The main job on 160 real documents. */
@Timeout(240)
@ExtendWith(SharedPenstock.class)
class RealTextIT {
    private final PenstockProcess penstock;
    private final Api api;

    RealTextIT(PenstockProcess penstock) {
        this.penstock = penstock;
        this.api = penstock.api();
    }

    @BeforeAll
    static void assumeThatTheTextIsThere() {
        Statements.assumePresent();
    }

    @BeforeEach
    void collect() {
        Statements.collectOnce(api);
    }

    @Test
    void shouldCollectEveryStatement() {
        String first = firstRun();
        JsonNode run = api.ended(first);

        assertThat(run.get("state").textValue()).isEqualTo("DONE");
        assertThat(run.get("failures")).isEmpty();
        for (String count : List.of("tasks", "captured", "enriched", "indexed")) {
            assertThat(run.get("counts").get(count).intValue()).as(count).isEqualTo(Statements.COUNT);
        }
        assertThat(api.records(Statements.TOPIC, Statements.SEGMENT))
                .hasSize(Statements.COUNT)
                .extracting(record -> record.get("item").textValue())
                .doesNotHaveDuplicates()
                .contains("20081216");
    }

    private String firstRun() {
        for (JsonNode run : api.get("/api/runs?limit=1000").body().get("runs")) {
            if (run.get("topic").textValue().equals(Statements.TOPIC)
                    && run.at("/counts/unchanged").intValue() == 0) {
                return run.get("run_id").textValue();
            }
        }
        throw new AssertionError("No run has collected the statements");
    }

    @Test
    void shouldCiteTheStatementThatAnswersTheQuestion() {
        JsonNode answer =
                Api.require(api.ask(Statements.QUESTION, Statements.TOPIC), 200).body();

        assertThat(answer.get("answered").booleanValue()).isTrue();
        JsonNode first = answer.at("/citations/0");
        assertThat(first.get("item").textValue()).isEqualTo("20081216");
        assertThat(first.get("text").textValue()).contains("0 to 1/4 percent");
        for (JsonNode citation : answer.get("citations")) {
            JsonNode record = Api.require(
                            api.get("/api/topics/economy/segments/statements/records/"
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

    @Test
    void shouldDoubleNothingWhenCollectedAgain() {
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            Map<String, GenericRecord> chunks = kafka.newest("chunk");
            int written = kafka.committed("chunk").size();
            int indexed = api.entries("vector-index", Statements.TOPIC + "/").size();
            double embedded = api.metric("penstock_ingestion_chunks_embedded_total");

            JsonNode run = api.collected(Statements.TOPIC, Statements.SEGMENT);

            assertThat(run.get("state").textValue()).isEqualTo("DONE");
            assertThat(run.at("/counts/tasks").intValue()).isEqualTo(Statements.COUNT);
            assertThat(run.at("/counts/unchanged").intValue()).isEqualTo(Statements.COUNT);
            assertThat(run.at("/counts/indexed").intValue()).isZero();
            assertThat(api.records(Statements.TOPIC, Statements.SEGMENT)).hasSize(Statements.COUNT);
            assertThat(indexed).isGreaterThan(Statements.COUNT);
            assertThat(api.entries("vector-index", Statements.TOPIC + "/")).hasSize(indexed);
            assertThat(kafka.newest("chunk")).isEqualTo(chunks);
            assertThat(kafka.committed("chunk")).hasSize(written);
            assertThat(api.metric("penstock_ingestion_chunks_embedded_total")).isEqualTo(embedded);
        }
    }

    @Test
    void shouldEmbedOnlyTheChunksOfASentenceThatWasEdited() {
        String topic = "edited";
        String sentence =
                "the Committee anticipates that weak economic conditions are likely to warrant exceptionally low"
                        + " levels of the federal funds rate for some time.";
        String edited =
                "the Committee expects that strong economic conditions will warrant higher levels of the rate soon.";
        InlineItem[] items = Statements.items();
        api.create(topic, Statements.SEGMENT);
        api.inlineProcessor("edited", topic, Statements.SEGMENT, items);
        assertThat(api.collected(topic, Statements.SEGMENT)
                        .at("/counts/indexed")
                        .intValue())
                .isEqualTo(Statements.COUNT);
        Map<String, JsonNode> before = chunks(topic);
        double chunksEmbedded = api.metric("penstock_ingestion_chunks_embedded_total");
        double chunksWritten = api.metric("penstock_ingestion_chunks_written_total");
        double textsEmbedded = api.metric("penstock_embedding_texts_total");

        for (int i = 0; i < items.length; i++) {
            if (items[i].value().equals("20081216")) {
                String flat = items[i].text().replaceAll("\\s+", " ");
                assertThat(flat).contains(sentence);
                items[i] = new InlineItem(
                        items[i].value(),
                        items[i].label(),
                        items[i].text()
                                .replaceFirst(sentence.replace(" ", "\\s+").replace(".", "\\."), edited));
            }
        }
        api.changeInlineProcessor("edited", topic, Statements.SEGMENT, items);
        JsonNode run = api.collected(topic, Statements.SEGMENT);

        assertThat(run.at("/counts/unchanged").intValue()).isEqualTo(Statements.COUNT - 1);
        assertThat(run.at("/counts/indexed").intValue()).isEqualTo(1);
        Map<String, JsonNode> after = chunks(topic);
        Map<String, JsonNode> changed = new HashMap<>(after);
        changed.entrySet().removeAll(before.entrySet());
        Map<String, JsonNode> made = new HashMap<>(after);
        made.keySet().removeAll(before.keySet());
        assertThat(changed.keySet()).allMatch(id -> id.startsWith(topic + "/statements/edited/20081216#"));
        assertThat(made.values())
                .isNotEmpty()
                .hasSizeLessThan(changed.size()) // others only moved
                .allMatch(chunk -> chunk.path("text").asText().contains("higher levels of the rate soon"));
        assertThat(api.metric("penstock_ingestion_chunks_embedded_total") - chunksEmbedded)
                .isEqualTo(made.size());
        assertThat(api.metric("penstock_embedding_texts_total") - textsEmbedded).isEqualTo(made.size());
        assertThat(api.metric("penstock_ingestion_chunks_written_total") - chunksWritten)
                .isEqualTo(changed.size());
    }

    /** The chunks of a topic by their ids. */
    private Map<String, JsonNode> chunks(String topic) {
        Map<String, JsonNode> chunks = new HashMap<>();
        for (JsonNode entry : api.entries("vector-index", topic + "/")) {
            chunks.put(entry.get("key").textValue(), entry.get("value"));
        }
        return chunks;
    }
}
