package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A feed and a JSON API in three pages, through the whole application; then both again, unchanged. */
@Timeout(180)
@ExtendWith(SharedPenstock.class)
class SourcesIT {
    private static final String FEED = """
            {"topic": "sea", "segment": "notices", "data_list": [{"value": "feed", "label": "Notices"}],
             "source": {"type": "feed", "uri": "HOST/{value}.xml"}}""";
    private static final String VESSELS = """
            {"topic": "sea", "segment": "vessels", "data_list": [{"value": "all", "label": "Vessels"}],
             "source": {"type": "http", "uri": "HOST/vessels", "query": {"kind": "{value}"},
               "headers": {"Authorization": "Bearer ${PENSTOCK_SECRET_VESSELS}"},
               "records": {"path": "$.vessels", "key": "$.imo", "label": "$.name"},
               "pages": {"by": "number", "parameter": "page"}}}""";
    private static final String BYTES = "penstock_capture_received_bytes_total";
    private static final int ITEMS = 8;

    private final PenstockProcess penstock;
    private final Api api;

    SourcesIT(PenstockProcess penstock) {
        this.penstock = penstock;
        this.api = penstock.api();
    }

    @Test
    void shouldAnswerFromAFeedAndAPagedApiAndTransferWhatIsUnchangedOnce() throws IOException {
        try (NoticesServer server = new NoticesServer(SharedPenstock.SECRET)) {
            api.create("sea", "notices", "vessels");
            Api.require(api.put("/api/processors/sea-notices", FEED.replace("HOST", server.url())), 201);
            Api.require(api.put("/api/processors/sea-vessels", VESSELS.replace("HOST", server.url())), 201);
            double before = api.metric(BYTES);

            JsonNode first = api.collected("sea", "notices", "vessels");
            double between = api.metric(BYTES);
            JsonNode second = api.collected("sea", "notices", "vessels");
            double after = api.metric(BYTES);

            assertThat(first.get("state").textValue()).as(first.toString()).isEqualTo("DONE");
            assertThat(first.at("/counts/tasks").intValue()).isEqualTo(2);
            assertThat(first.at("/counts/captured").intValue()).isEqualTo(ITEMS);
            assertThat(first.at("/counts/indexed").intValue()).isEqualTo(ITEMS);
            assertThat(second.at("/counts/captured").intValue()).isEqualTo(ITEMS);
            assertThat(second.at("/counts/unchanged").intValue())
                    .as(second.toString())
                    .isEqualTo(ITEMS);
            assertThat(between).isGreaterThan(before + 1000);
            assertThat(after - between).as("bytes of the second run").isLessThanOrEqualTo(0.02 * (between - before));
        }
        assertAnswered("Until when is the fog bell silent?", "recast its clapper in October", "feed/n-1");
        assertAnswered("What is the bollard pull of the tug Hercules?", "sixty tonnes", "all/5");
        assertThat(remembered()).hasSize(2);
        assertThat(remembered().toString())
                .doesNotContain(SharedPenstock.SECRET)
                .contains("etag");
        assertSecretIsNowhere();

        Api.require(api.deleteTopic("sea"), 200);
        Awaitility.await("what was remembered is gone").until(() -> remembered().isEmpty());
    }

    private void assertAnswered(String question, String words, String item) {
        JsonNode answer = Api.require(api.ask(question, "sea"), 200).body();
        assertThat(answer.get("reply").textValue()).contains(words);
        assertThat(answer.at("/citations/0/item").textValue()).isEqualTo(item);
    }

    private List<JsonNode> remembered() {
        return api.entries("captured", "").stream()
                .filter(entry -> entry.get("key").textValue().contains("/sea-"))
                .toList();
    }

    private void assertSecretIsNowhere() {
        Set<String> withSecret = new TreeSet<>();
        Set<String> withRecord = new TreeSet<>();
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            for (ConsumerRecord<byte[], byte[]> found : kafka.uncommitted()) {
                if (holds(found, SharedPenstock.SECRET)) {
                    withSecret.add(found.topic());
                }
                if (holds(found, "PENSTOCK_SECRET_VESSELS")) {
                    withRecord.add(found.topic());
                }
            }
        }
        assertThat(withSecret).isEmpty();
        assertThat(withRecord)
                .as("its name in the processor, the task and the record that repeats it")
                .contains("processors", "capture.task", "raw.sea");
        assertThat(PenstockProcess.text(penstock.log())).doesNotContain(SharedPenstock.SECRET);
    }

    private static boolean holds(ConsumerRecord<byte[], byte[]> found, String word) {
        return found.value() != null && new String(found.value(), UTF_8).contains(word);
    }
}
