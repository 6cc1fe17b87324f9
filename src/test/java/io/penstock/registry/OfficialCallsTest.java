package io.penstock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.ParsedSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.RestService;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.Config;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.Metadata;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaEntity;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaTags;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SubjectVersion;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.requests.ConfigUpdateRequest;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.requests.RegisterSchemaRequest;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.requests.TagSchemaRequest;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every call that Confluent's own client can make, made by that client. */
@Timeout(90)
@ExtendWith(SharedBroker.class)
class OfficialCallsTest {
    private static final Map<String, String> HEADERS = RestService.DEFAULT_REQUEST_PROPERTIES;
    private static final String FIRST = record("");
    private static final String SECOND = record("{\"name\":\"a\",\"type\":\"int\",\"default\":1}");
    private static final String BROKEN = record("{\"name\":\"b\",\"type\":\"int\"}");

    private final EmbeddedRegistry engine;
    private final RegistryServer server;
    private final Set<String> called = new TreeSet<>();

    OfficialCallsTest(EmbeddedBroker broker) {
        engine = EmbeddedRegistry.start(RegistryFixture.settings(broker));
        server = new RegistryServer(engine);
    }

    @AfterEach
    void stop() {
        server.close();
        engine.close();
    }

    private interface Call<T> {
        T make() throws Exception;
    }

    /** Makes a call and remembers its name. */
    private <T> T call(String name, Call<T> call) throws Exception {
        called.add(name);
        return call.make();
    }

    @Test
    void shouldAnswerEveryCallOfTheRestClient() throws Exception {
        RestService rest = new RestService(server.url());
        String subject = "rest/every call";
        int first = call("registerSchema", () -> rest.registerSchema(FIRST, subject));
        int second = rest.registerSchema(SECOND, subject, true).getId();
        SchemaReference reference = new SchemaReference("C", subject, 1);
        int user = rest.registerSchema(
                        "{\"type\":\"array\",\"items\":\"C\"}", "AVRO", List.of(reference), "rest-user", false)
                .getId();

        assertThat(call("lookUpSubjectVersion", () -> rest.lookUpSubjectVersion(SECOND, subject, true, false))
                        .getVersion())
                .isEqualTo(2);
        assertThat(rest.lookUpSubjectVersion(
                                "{\"type\":\"array\",\"items\":\"C\"}", "AVRO", List.of(reference), "rest-user", false)
                        .getReferences())
                .containsExactly(reference);
        assertThat(call("getId", () -> rest.getId(first)).getSchemaString()).isEqualTo(FIRST);
        assertThat(rest.getId(user).getReferences()).containsExactly(reference);
        assertThat(rest.getId(first, subject, true).getMaxId()).isGreaterThanOrEqualTo(user);
        assertThat(call("getOnlySchemaById", () -> rest.getOnlySchemaById(first)))
                .isEqualTo(FIRST);
        assertThat(call("getSchemas", () -> rest.getSchemas("rest", false, true)))
                .extracting(found -> found.getSubject())
                .contains("rest-user", subject);
        assertThat(call("getSchemaTypes", () -> rest.getSchemaTypes())).containsExactly("AVRO");
        assertThat(call("getVersion", () -> rest.getVersion(subject, 1)).getId())
                .isEqualTo(first);
        assertThat(call("getLatestVersion", () -> rest.getLatestVersion(subject))
                        .getId())
                .isEqualTo(second);
        assertThat(call("getVersionSchemaOnly", () -> rest.getVersionSchemaOnly(subject, 1)))
                .isEqualTo(FIRST);
        assertThat(call("getLatestVersionSchemaOnly", () -> rest.getLatestVersionSchemaOnly(subject)))
                .isEqualTo(SECOND);
        assertThat(call("getReferencedBy", () -> rest.getReferencedBy(subject, 1)))
                .containsExactly(user);
        assertThat(call("getAllVersions", () -> rest.getAllVersions(subject))).containsExactly(1, 2);
        assertThat(call("getAllContexts", () -> rest.getAllContexts())).containsExactly(".");
        assertThat(call("getAllSubjects", () -> rest.getAllSubjects())).contains(subject, "rest-user");
        assertThat(rest.getAllSubjects("rest/", false)).containsExactly(subject);
        assertThat(call("getAllSubjectsById", () -> rest.getAllSubjectsById(first)))
                .containsExactly(subject);
        assertThat(call("getAllVersionsById", () -> rest.getAllVersionsById(second)))
                .containsExactly(new SubjectVersion(subject, 2));
        assertThat(call("testCompatibility", () -> rest.testCompatibility(BROKEN, subject, "latest")))
                .isNotEmpty();
        assertThat(rest.testCompatibility(BROKEN, subject, true))
                .singleElement()
                .asString()
                .contains("field 'b'");
        assertError(42206, () -> rest.deleteSchemaVersion(HEADERS, subject, "1"));
        assertError(409, () -> rest.registerSchema(BROKEN, subject));

        assertThat(call("updateCompatibility", () -> rest.updateCompatibility("FULL", subject))
                        .getCompatibilityLevel())
                .isEqualTo("FULL");
        assertThat(call("updateConfig", () -> rest.updateConfig(normalizing(), subject))
                        .isNormalize())
                .isTrue();
        assertThat(call("getConfig", () -> rest.getConfig(subject)).getCompatibilityLevel())
                .isEqualTo("FULL");
        assertThat(call("deleteConfig", () -> rest.deleteConfig(subject)).getCompatibilityLevel())
                .isEqualTo("FULL");
        assertThat(rest.getConfig(HEADERS, subject, true).getCompatibilityLevel())
                .isEqualTo("BACKWARD");
        assertThat(call("setMode", () -> rest.setMode("READONLY", subject)).getMode())
                .isEqualTo("READONLY");
        assertThat(call("getMode", () -> rest.getMode(subject)).getMode()).isEqualTo("READONLY");
        assertThat(call("deleteSubjectMode", () -> rest.deleteSubjectMode(subject))
                        .getMode())
                .isEqualTo("READONLY");
        assertThat(rest.getMode(subject, true).getMode()).isEqualTo("READWRITE");

        TagSchemaRequest tags = new TagSchemaRequest();
        tags.setTagsToAdd(
                List.of(new SchemaTags(new SchemaEntity("C.a", SchemaEntity.EntityType.SR_FIELD), List.of("PII"))));
        tags.setMetadata(new Metadata(null, Map.of("owner", "ops"), null));
        int tagged = call("modifySchemaTags", () -> rest.modifySchemaTags(HEADERS, tags, subject, "2"))
                .getId();
        assertThat(rest.getId(tagged).getSchemaString()).contains("\"confluent:tags\":[\"PII\"]");
        assertThat(call(
                                "getLatestWithMetadata",
                                () -> rest.getLatestWithMetadata(subject, Map.of("owner", "ops"), false))
                        .getVersion())
                .isEqualTo(3);

        assertThat(call("deleteSubject", () -> rest.deleteSubject(HEADERS, "rest-user")))
                .containsExactly(1);
        assertThat(call("getDeletedOnlySubjects", () -> rest.getDeletedOnlySubjects("rest-")))
                .containsExactly("rest-user");
        assertThat(call("deleteSchemaVersion", () -> rest.deleteSchemaVersion(HEADERS, subject, "1")))
                .isEqualTo(1);
        assertThat(call("getDeletedOnlyVersions", () -> rest.getDeletedOnlyVersions(subject)))
                .containsExactly(1);
        assertThat(rest.deleteSchemaVersion(HEADERS, subject, "1", true)).isEqualTo(1);
        assertThat(rest.deleteSubject(HEADERS, subject)).containsExactly(2, 3);
        assertThat(rest.deleteSubject(HEADERS, subject, true)).containsExactly(2, 3);
        assertThat(call("getClusterId", () -> rest.getClusterId()).getScope()).isNotEmpty();
        assertThat(call("getSchemaRegistryServerVersion", () -> rest.getSchemaRegistryServerVersion())
                        .getVersion())
                .isNotBlank();
        called.add("httpRequest"); // what all of the others are made of

        assertThat(called).isEqualTo(calls(RestService.class, "configure", "close", "set(?!Mode).*", "getBaseUrls"));
    }

    @Test
    void shouldAnswerEveryCallOfTheCachingClient() throws Exception {
        AvroSchema first = new AvroSchema(named("D", FIRST));
        AvroSchema second = new AvroSchema(named("D", SECOND));
        String subject = "cached";
        try (CachedSchemaRegistryClient client = new CachedSchemaRegistryClient(server.url(), 10)) {
            int firstId = call("register", () -> client.register(subject, first));
            int secondId = call("registerWithResponse", () -> client.registerWithResponse(subject, second, true))
                    .getId();

            assertThat(call("getSchemaById", () -> client.getSchemaById(firstId))
                            .canonicalString())
                    .isEqualTo(named("D", FIRST));
            assertThat(call("getSchemaBySubjectAndId", () -> client.getSchemaBySubjectAndId(subject, secondId))
                            .canonicalString())
                    .isEqualTo(named("D", SECOND));
            assertThat(call("getSchemas", () -> client.getSchemas(subject, false, true)))
                    .extracting(ParsedSchema::canonicalString)
                    .containsExactly(named("D", SECOND));
            assertThat(call("getAllSubjectsById", () -> client.getAllSubjectsById(firstId)))
                    .contains(subject);
            assertThat(call("getAllVersionsById", () -> client.getAllVersionsById(firstId)))
                    .contains(new SubjectVersion(subject, 1));
            assertThat(call("getByVersion", () -> client.getByVersion(subject, 2, false))
                            .getId())
                    .isEqualTo(secondId);
            assertThat(call("getSchemaMetadata", () -> client.getSchemaMetadata(subject, 1))
                            .getId())
                    .isEqualTo(firstId);
            assertThat(call("getLatestSchemaMetadata", () -> client.getLatestSchemaMetadata(subject))
                            .getVersion())
                    .isEqualTo(2);
            assertError(
                    40403,
                    () -> call(
                            "getLatestWithMetadata",
                            () -> client.getLatestWithMetadata(subject, Map.of("owner", "nobody"), false)));
            assertThat(call("getVersion", () -> client.getVersion(subject, second)))
                    .isEqualTo(2);
            assertThat(call("getAllVersions", () -> client.getAllVersions(subject)))
                    .containsExactly(1, 2);
            assertThat(call("getId", () -> client.getId(subject, first))).isEqualTo(firstId);
            assertThat(call(
                            "testCompatibility",
                            () -> client.testCompatibility(subject, new AvroSchema(named("D", BROKEN)))))
                    .isFalse();
            assertThat(call(
                            "testCompatibilityVerbose",
                            () -> client.testCompatibilityVerbose(subject, new AvroSchema(named("D", BROKEN)))))
                    .singleElement()
                    .asString()
                    .contains("field 'b'");
            assertThat(call("updateConfig", () -> client.updateConfig(subject, new Config("NONE")))
                            .getCompatibilityLevel())
                    .isEqualTo("NONE");
            assertThat(call("getConfig", () -> client.getConfig(subject)).getCompatibilityLevel())
                    .isEqualTo("NONE");
            call("deleteConfig", () -> {
                client.deleteConfig(subject);
                return subject;
            });
            assertThat(call("setMode", () -> client.setMode("IMPORT", subject, true)))
                    .isEqualTo("IMPORT");
            assertThat(client.register(subject, new AvroSchema(named("D", BROKEN)), 9, 880_001))
                    .isEqualTo(880_001);
            assertThat(call("getMode", () -> client.getMode(subject))).isEqualTo("IMPORT");
            call("deleteMode", () -> {
                client.deleteMode(subject);
                return subject;
            });
            assertThat(client.getMode()).isEqualTo("READWRITE");
            assertThat(call("getAllSubjects", () -> client.getAllSubjects())).contains(subject);
            assertThat(call("getAllSubjectsByPrefix", () -> client.getAllSubjectsByPrefix("cach")))
                    .containsExactly(subject);
            assertThat(call("deleteSchemaVersion", () -> client.deleteSchemaVersion(subject, "9")))
                    .isEqualTo(9);
            assertThat(call("deleteSubject", () -> client.deleteSubject(subject, false)))
                    .containsExactly(1, 2);
            assertThat(client.deleteSubject(subject, true)).containsExactly(1, 2, 9);
            assertError(40401, () -> client.getLatestSchemaMetadata(subject));
        }
        assertThat(called)
                .isEqualTo(calls(
                        CachedSchemaRegistryClient.class,
                        "ticker",
                        "parseSchema",
                        "getSchemaProviders",
                        "reset",
                        "close"));
    }

    @Test
    void shouldResolveReferencesForTheCachingClient() throws Exception {
        try (CachedSchemaRegistryClient client = new CachedSchemaRegistryClient(server.url(), 10)) {
            client.register("resolved-part", new AvroSchema(named("E", FIRST)));
            AvroSchema user = new AvroSchema(
                    "{\"type\":\"map\",\"values\":\"E\"}",
                    List.of(new SchemaReference("E", "resolved-part", 1)),
                    Map.of("E", named("E", FIRST)),
                    null);
            int id = client.register("resolved-user", user);
            client.reset();

            ParsedSchema read = client.getSchemaById(id);
            assertThat(read.references()).hasSize(1);
            assertThat(((AvroSchema) read).rawSchema().getValueType().getName()).isEqualTo("E");
            assertError(42206, () -> client.deleteSubject("resolved-part", false));
        }
    }

    @Test
    void shouldAnswerTheCallsOfAnImport() throws Exception {
        RestService rest = new RestService(server.url());
        RegisterSchemaRequest request =
                new RegisterSchemaRequest(new AvroSchema(named("F", record("{\"name\":\"i\",\"type\":\"long\"}"))));
        request.setId(880_050);
        request.setVersion(5);

        assertError(42205, () -> rest.registerSchema(request, "import-call", false));
        rest.setMode("IMPORT", "import-call");
        assertThat(rest.registerSchema(request, "import-call", false).getId()).isEqualTo(880_050);
        assertThat(rest.getAllVersions("import-call")).containsExactly(5);
    }

    private static ConfigUpdateRequest normalizing() {
        ConfigUpdateRequest request = new ConfigUpdateRequest();
        request.setNormalize(true);
        return request;
    }

    /** The names of a client's public methods, but for those that make no call. */
    private static Set<String> calls(Class<?> client, String... others) {
        return Arrays.stream(client.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .map(Method::getName)
                .filter(name -> Arrays.stream(others).noneMatch(name::matches))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String record(String fields) {
        return "{\"type\":\"record\",\"name\":\"C\",\"fields\":[" + fields + "]}";
    }

    /** The same record by another name: tests share a registry, and equal schemas share an id. */
    private static String named(String name, String schema) {
        return schema.replace("\"C\"", "\"" + name + "\"");
    }

    private static void assertError(int code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RestClientException.class,
                        e -> assertThat(e.getErrorCode()).isEqualTo(code));
    }
}
