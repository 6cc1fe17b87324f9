package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.document.WrittenDocuments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A PDF, a DOCX and a page with menus, from the file to an answer that cites them. */
@Timeout(180)
@ExtendWith(SharedPenstock.class)
class CapturedDocumentsIT {
    private final PenstockProcess penstock;
    private final Api api;

    CapturedDocumentsIT(PenstockProcess penstock) {
        this.penstock = penstock;
        api = penstock.api();
    }

    @BeforeAll
    static void write() throws IOException {
        Path folder = SharedPenstock.documents();
        Files.write(
                folder.resolve("notice.pdf"),
                WrittenDocuments.pdf(
                        "Notice to mariners",
                        "Harbour office",
                        List.of(
                                "The north quay is closed to vessels of more than 40 metres until the",
                                "gantry crane has been repaired in May.")));
        Files.write(
                folder.resolve("pilots.docx"),
                WrittenDocuments.docx(
                        "Pilotage",
                        "Harbour office",
                        "# Pilots at night",
                        "Pilotage is compulsory at night for every tanker, whatever its length."));
        Files.writeString(folder.resolve("signals.html"), """
                <!DOCTYPE html><html lang="en"><head><title>Fog signals</title></head><body>
                <ul class="menu"><li><a href="/">Home</a></li><li><a href="/tides">Tide tables</a></li>
                <li><a href="/pilots">Pilots</a></li><li><a href="/imprint">Imprint</a></li></ul>
                <div><h1>Fog signals</h1><p>In fog the bell on the outer mole rings four times in every minute, day and
                night, until the opposite shore can be seen again from the lantern room of the lighthouse.</p></div>
                <div class="cookie-banner">This site uses cookies. Accept them all?</div></body></html>
                """);
        Files.write(
                folder.resolve("broken.pdf"),
                "%PDF-1.7 and nothing more".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    private static String processor(String... files) {
        var config = Api.JSON.createObjectNode().put("topic", "papers").put("segment", "notices");
        var list = config.putArray("data_list");
        for (String file : files) {
            list.add(file);
        }
        config.putObject("source").put("type", "file").put("uri", SharedPenstock.documents() + "/{value}");
        return config.toString();
    }

    @Test
    void shouldAnswerFromDocumentsOfEveryKind() {
        api.create("papers", "notices");
        String config = processor("notice.pdf", "pilots.docx", "signals.html", "broken.pdf");

        JsonNode tried = Api.require(api.put("/api/processors/papers?dry_run=true&value=pilots.docx", config), 200)
                .body();
        assertThat(tried.at("/record/text").textValue()).startsWith("# Pilots at night\n\nPilotage is compulsory");
        assertThat(tried.at("/processor/state").textValue()).isEqualTo("ACTIVE");
        Api.require(api.get("/api/processors/papers"), 404);

        Api.require(api.put("/api/processors/papers", config), 201);
        JsonNode run = api.collected("papers", "notices");
        assertThat(run.at("/counts/indexed").intValue()).isEqualTo(3);
        assertThat(run.at("/counts/rejected").intValue()).isEqualTo(1);
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            assertThat(kafka.values("enrichment.rejected"))
                    .extracting(rejected -> String.valueOf(rejected.get("code")))
                    .contains("content.broken");
        }

        assertThat(api.records("papers", "notices"))
                .filteredOn(record -> record.get("item").textValue().equals("notice.pdf"))
                .singleElement()
                .satisfies(record -> {
                    assertThat(record.get("title").textValue()).isEqualTo("Notice to mariners");
                    assertThat(record.at("/attributes/authors").textValue()).isEqualTo("Harbour office");
                    assertThat(record.at("/attributes/created_at").textValue()).startsWith("2024-02-29");
                    assertThat(record.get("language").textValue()).isEqualTo("en");
                });
        assertCited("Until when is the north quay closed to large vessels?", "notice.pdf", "repaired in May");
        assertCited("Which ships need a pilot at night?", "pilots.docx", "every tanker");
        assertCited("How often does the bell ring in fog?", "signals.html", "four times in every minute");
    }

    private void assertCited(String question, String item, String words) {
        JsonNode answer = Api.require(api.ask(question, "papers"), 200).body();

        assertThat(answer.get("answered").booleanValue()).as(question).isTrue();
        assertThat(answer.get("reply").textValue()).contains(words);
        assertThat(answer.at("/citations/0/item").textValue()).isEqualTo(item);
        assertThat(answer.get("reply").textValue()).doesNotContain("cookies", "Tide tables");
    }

    @Test
    void shouldNameEveryFieldThatIsWrongByItsPointer() {
        Answer refused = api.put(
                "/api/processors/wrong?dry_run=true",
                "{\"topic\":\"papers\",\"segment\":\"notices\",\"batch_size\":0,\"data_list\":[{\"label\":\"x\"}]}");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body().get("code").textValue()).isEqualTo("processor.invalid");
        assertThat(refused.body().get("problems"))
                .extracting(problem -> problem.get("pointer").textValue())
                .contains("/batch_size", "/data_list/0/value");
    }
}
