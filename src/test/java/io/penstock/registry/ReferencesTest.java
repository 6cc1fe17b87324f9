package io.penstock.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.kafka.KafkaSettings;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Schemas that use named types of other subjects. */
@Timeout(60)
@ExtendWith(SharedBroker.class)
class ReferencesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MONEY =
            "{\"type\":\"record\",\"name\":\"Money\",\"namespace\":\"shop\",\"fields\":[{\"name\":\"cents\",\"type\":\"long\"}]}";
    private static final String LINE =
            "{\"type\":\"record\",\"name\":\"Line\",\"namespace\":\"shop\",\"fields\":[{\"name\":\"price\",\"type\":\"shop.Money\"}]}";
    private static final String ORDER = "{\"type\":\"record\",\"name\":\"Order\",\"namespace\":\"shop\",\"fields\":["
            + "{\"name\":\"lines\",\"type\":{\"type\":\"array\",\"items\":\"shop.Line\"}},"
            + "{\"name\":\"total\",\"type\":\"shop.Money\"}]}";

    private final KafkaSettings settings;
    private final EmbeddedRegistry registry;
    private final RegistryApi api;

    ReferencesTest(EmbeddedBroker broker) {
        settings = RegistryFixture.settings(broker);
        registry = EmbeddedRegistry.start(settings);
        api = new RegistryApi(() -> registry);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void shouldResolveReferencesOfReferencesAndKeepThemOutOfTheText() throws Exception {
        int order = registerOrder("deep");

        JsonNode kept = ok("GET", "/schemas/ids/" + order, null);
        Schema schema = registry.schema(order);
        assertThat(kept.get("schema").textValue()).doesNotContain("cents");
        assertThat(kept.at("/references/0/subject").textValue()).isEqualTo("deep-line");
        assertThat(kept.at("/references/0/version").intValue()).isEqualTo(1);
        assertThat(schema.getField("total").schema().getField("cents").schema().getType())
                .isEqualTo(Schema.Type.LONG);
        assertThat(schema.getField("lines").schema().getElementType().getField("price"))
                .isNotNull();
    }

    @Test
    void shouldGiveTheSameIdToTheSameSchemaWithTheSameReferences() throws Exception {
        int order = registerOrder("same");

        assertThat(registerOrder("same")).isEqualTo(order);
        ObjectNode body = body(ORDER, reference("shop.Line", "same-line", 1), reference("shop.Money", "same-money", 1));
        assertThat(ok("POST", "/subjects/same-copy/versions", body).get("id").intValue())
                .isEqualTo(order);
        assertThat(ok("POST", "/subjects/same-order", body).get("version").intValue())
                .isEqualTo(1);
    }

    @Test
    void shouldSayWhoReferencesAndRefuseToDeleteWhatIsReferenced() throws Exception {
        int order = registerOrder("used");

        assertThat(ok("GET", "/subjects/used-money/versions/1/referencedby", null)
                        .toString())
                .contains(Integer.toString(order))
                .hasSizeGreaterThan(4);
        assertError("DELETE", "/subjects/used-money", null, 42206);
        assertError("DELETE", "/subjects/used-line/versions/1", null, 42206);
        ok("DELETE", "/subjects/used-order", null);
        ok("DELETE", "/subjects/used-line", null);
        ok("DELETE", "/subjects/used-money", null);
        assertThat(registry.schema(order).getName()).isEqualTo("Order");
        ok("DELETE", "/subjects/used-order?permanent=true", null);
        ok("DELETE", "/subjects/used-line?permanent=true", null);
        ok("DELETE", "/subjects/used-money?permanent=true", null);
        assertError("GET", "/schemas/ids/" + order, null, 40403);
    }

    @Test
    void shouldTakeTheLatestVersionWhereAReferenceSaysSo() throws Exception {
        ok("POST", "/subjects/latest-money/versions", body(MONEY));
        ok(
                "POST",
                "/subjects/latest-money/versions",
                body(MONEY.replace("\"long\"}", "\"long\"},{\"name\":\"c\",\"type\":\"string\",\"default\":\"EUR\"}")));
        ok("POST", "/subjects/latest-line/versions", body(LINE, reference("shop.Money", "latest-money", -1)));

        assertThat(ok("GET", "/subjects/latest-line/versions/1", null)
                        .at("/references/0/version")
                        .intValue())
                .isEqualTo(2);
    }

    @Test
    void shouldRefuseAReferenceThatLeadsNowhere() {
        assertError("POST", "/subjects/nowhere/versions", body(LINE, reference("shop.Money", "none", 1)), 42201);
        assertError("POST", "/subjects/nowhere/versions", body(LINE), 42201);
        ObjectNode broken = body(LINE);
        broken.putArray("references").addObject().put("name", "shop.Money");
        assertError("POST", "/subjects/nowhere/versions", broken, 42201);
        assertError("POST", "/subjects/nowhere/versions", body(LINE).put("references", "x"), 42201);
    }

    @Test
    void shouldCheckCompatibilityThroughReferences() throws Exception {
        registerOrder("through");
        ok("POST", "/subjects/through-cash/versions", body(MONEY.replace("cents", "pence")));
        ObjectNode changed = body(LINE, reference("shop.Money", "through-cash", 1));

        JsonNode answer = ok("POST", "/compatibility/subjects/through-line/versions/latest?verbose=true", changed);
        assertThat(answer.get("is_compatible").booleanValue()).isFalse();
        assertThat(answer.get("messages").toString()).contains("price.pence");
        assertError("POST", "/subjects/through-line/versions", changed, 409);
    }

    @Test
    void shouldReadReferencesBackAfterARestart() throws Exception {
        int order = registerOrder("again");
        try (EmbeddedRegistry other = EmbeddedRegistry.start(settings)) {
            assertThat(other.schema(order)).isEqualTo(registry.schema(order));
        }
    }

    /** Money, a line with a price, and an order with lines and a total. */
    private int registerOrder(String prefix) throws JsonProcessingException {
        ok("POST", "/subjects/" + prefix + "-money/versions", body(MONEY));
        ok("POST", "/subjects/" + prefix + "-line/versions", body(LINE, reference("shop.Money", prefix + "-money", 1)));
        return ok(
                        "POST",
                        "/subjects/" + prefix + "-order/versions",
                        body(
                                ORDER,
                                reference("shop.Line", prefix + "-line", 1),
                                reference("shop.Money", prefix + "-money", 1)))
                .get("id")
                .intValue();
    }

    private static ObjectNode reference(String name, String subject, int version) {
        return JSON.createObjectNode().put("name", name).put("subject", subject).put("version", version);
    }

    private static ObjectNode body(String schema, ObjectNode... references) {
        ObjectNode body = JSON.createObjectNode().put("schema", schema);
        if (references.length > 0) {
            ArrayNode array = body.putArray("references");
            for (ObjectNode reference : references) {
                array.add(reference);
            }
        }
        return body;
    }

    private JsonNode ok(String method, String target, @Nullable ObjectNode body) throws JsonProcessingException {
        RegistryApi.Answer answer = call(method, target, body);
        assertThat(answer.status())
                .as(method + " " + target + ": " + answer.json())
                .isEqualTo(200);
        return JSON.readTree(answer.json());
    }

    private void assertError(String method, String target, @Nullable ObjectNode body, int code) {
        assertThat(call(method, target, body).json()).startsWith("{\"error_code\":" + code + ",");
    }

    private RegistryApi.Answer call(String method, String target, @Nullable ObjectNode body) {
        String[] parts = target.split("\\?", 2);
        return api.handle(method, parts[0], parts.length > 1 ? parts[1] : null, body == null ? null : body.toString());
    }
}
