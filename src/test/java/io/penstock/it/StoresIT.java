package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Everything that is remembered can be read. */
@Timeout(120)
@ExtendWith(SharedPenstock.class)
class StoresIT {
    private static final String PREFIX = "library/books/";

    private final Api api;

    StoresIT(PenstockProcess penstock) {
        this.api = penstock.api();
    }

    @BeforeEach
    void collect() {
        if (api.get("/api/processors/library-books").status() == 404) {
            api.create("library", "books");
            api.inlineProcessor(
                    "library-books", "library", "books", item("a/1"), item("a/2"), item("b 3"), item("c%4"), item("d"));
            assertThat(api.collected("library", "books").get("state").textValue())
                    .isEqualTo("DONE");
        }
    }

    @Test
    void shouldListEveryStore() {
        JsonNode stores = Api.require(api.get("/api/stores"), 200).body().get("stores");

        assertThat(stores.findValuesAsText("name"))
                .contains(
                        "catalog",
                        "processors",
                        "seen-alerts",
                        "waiting-alerts",
                        "run-items",
                        "runs",
                        "runs-by-time",
                        "schedule",
                        "captured",
                        "enriched",
                        "records",
                        "ledger",
                        "vector-index",
                        "conversations",
                        "pending",
                        "undelivered");
        assertThat(stores)
                .allSatisfy(store -> assertThat(
                                api.get("/api/stores/" + store.get("name").textValue() + "?limit=1")
                                        .status())
                        .as(store.get("name").textValue())
                        .isEqualTo(200));
    }

    @Test
    void shouldPageByPrefix() {
        List<String> keys = new ArrayList<>();
        String after = "";
        int pages = 0;
        while (pages < 10) {
            JsonNode page = Api.require(
                            api.get("/api/stores/records?limit=2&prefix=" + Api.encode(PREFIX) + after), 200)
                    .body();
            assertThat(page.get("entries").size()).isBetween(1, 2);
            pages++;
            page.get("entries").forEach(entry -> keys.add(entry.get("key").textValue()));
            if (page.get("next").isNull()) {
                break;
            }
            assertThat(page.get("next").textValue()).isEqualTo(keys.getLast());
            after = "&after=" + Api.encode(keys.getLast());
        }

        assertThat(pages).isEqualTo(3);
        assertThat(keys)
                .containsExactly(
                        "library/books/library-books/a/1",
                        "library/books/library-books/a/2",
                        "library/books/library-books/b 3",
                        "library/books/library-books/c%4",
                        "library/books/library-books/d");
        assertThat(api.entries("records", PREFIX + "library-books/a/")).hasSize(2);
    }

    @Test
    void shouldReadOneEntryByItsKey() {
        for (String item : List.of("a/1", "b%203", "c%254")) {
            Answer answer = api.get("/api/stores/records/" + PREFIX + "library-books/" + item);
            assertThat(answer.status()).as(item).isEqualTo(200);
            assertThat(answer.body().at("/value/topic").textValue()).isEqualTo("library");
            Answer record = api.get("/api/topics/library/segments/books/records/" + item);
            assertThat(record.status()).as(item).isEqualTo(200);
            assertThat(record.body().get("text")).isEqualTo(answer.body().at("/value/text"));
        }
    }

    @Test
    void shouldShowVectorsOnlyWhenAskedFor() {
        String path = "/api/stores/vector-index?limit=1&prefix=" + Api.encode(PREFIX);

        assertThat(api.get(path).body().at("/entries/0/value").has("embedding")).isFalse();
        assertThat(api.get(path + "&include=vector").body().at("/entries/0/value/embedding"))
                .hasSize(384);
    }

    @Test
    void shouldAnswerAProblemForWhatDoesNotExist() {
        for (String path :
                List.of("/api/stores/records/no/such/key", "/api/stores/catalog/nowhere", "/api/stores/pending/zero")) {
            Answer answer = api.get(path);
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.code()).isEqualTo("key.unknown");
            assertThat(answer.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        }
        assertThat(api.get("/api/stores/no-such-store").code()).isEqualTo("store.unknown");
        assertThat(api.get("/api/stores/records?limit=0").code()).isEqualTo("parameter.invalid");
    }

    private static InlineItem item(String value) {
        return new InlineItem(
                value, "Book " + value, "The book on shelf " + value + " tells of a voyage round the southern cape.");
    }
}
