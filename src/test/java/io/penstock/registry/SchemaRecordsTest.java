package io.penstock.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The records of {@code _schemas}, byte for byte. */
class SchemaRecordsTest {
    private static final String STRING = "\\\"string\\\"";

    @Test
    void shouldWriteAVersionWithReferences() {
        SchemaContent content =
                SchemaContent.avro("\"string\"").withReferences(List.of(new SchemaReference("shop.Money", "money", 2)));

        assertThat(text(SchemaRecords.version(new SchemaVersion("s", 1, 7, content, false))))
                .isEqualTo("{\"keytype\":\"SCHEMA\",\"subject\":\"s\",\"version\":1,\"magic\":1}="
                        + "{\"subject\":\"s\",\"version\":1,\"id\":7,\"references\":[{\"name\":\"shop.Money\","
                        + "\"subject\":\"money\",\"version\":2}],\"schema\":\"" + STRING + "\",\"deleted\":false}");
    }

    @Test
    void shouldWriteModesConfigurationsAndDeletions() {
        assertThat(text(SchemaRecords.mode(null, RegistryMode.READONLY)))
                .isEqualTo("{\"keytype\":\"MODE\",\"subject\":null,\"magic\":0}={\"mode\":\"READONLY\"}");
        assertThat(text(SchemaRecords.mode("s", null)))
                .isEqualTo("{\"keytype\":\"MODE\",\"subject\":\"s\",\"magic\":0}=null");
        assertThat(text(SchemaRecords.subjectCleared("s")))
                .isEqualTo("{\"keytype\":\"CLEAR_SUBJECT\",\"subject\":\"s\",\"magic\":0}={\"subject\":\"s\"}");
        assertThat(text(SchemaRecords.config(null, SubjectConfig.empty().with(CompatibilityLevel.FULL, true))))
                .isEqualTo("{\"keytype\":\"CONFIG\",\"subject\":null,\"magic\":0}="
                        + "{\"compatibilityLevel\":\"FULL\",\"normalize\":true}");
        assertThat(text(SchemaRecords.versionGone("s", 3)))
                .isEqualTo("{\"keytype\":\"SCHEMA\",\"subject\":\"s\",\"version\":3,\"magic\":1}=null");
    }

    @Test
    void shouldReadBackWhatItWrites() throws IOException {
        SchemaVersion version = new SchemaVersion(
                "s",
                4,
                9,
                SchemaContent.avro("\"int\"").withReferences(List.of(new SchemaReference("n", "o", 1))),
                true);
        SchemaRecords.Entry entry = SchemaRecords.version(version);

        assertThat(SchemaRecordReader.read(entry.key(), entry.value())).isEqualTo(new SchemaChange.Version(version));
    }

    @Test
    void shouldReadWhatNewerRegistriesOfConfluentWriteWithoutLosingIt() throws IOException {
        SchemaChange change = read(
                "{\"keytype\":\"SCHEMA\",\"subject\":\"s\",\"version\":1,\"magic\":1}",
                "{\"subject\":\"s\",\"version\":1,\"id\":5,\"md5\":\"Q2g=\",\"guid\":\"0e5f\",\"references\":[],"
                        + "\"metadata\":{\"properties\":{\"owner\":\"ops\"}},\"ruleSet\":{\"domainRules\":[]},"
                        + "\"schema\":\"" + STRING + "\",\"deleted\":false,\"offset\":3,\"ts\":1}");

        assertThat(change).isInstanceOfSatisfying(SchemaChange.Version.class, read -> {
            assertThat(read.version().id()).isEqualTo(5);
            assertThat(text(SchemaRecords.version(read.version())))
                    .contains("\"metadata\":{\"properties\":{\"owner\":\"ops\"}}", "\"ruleSet\":{\"domainRules\":[]}");
        });
    }

    @Test
    void shouldKeepTheIdsOfSchemasThatAreNotAvro() throws IOException {
        RegistryState state = new RegistryState();
        state.apply(read(
                "{\"keytype\":\"SCHEMA\",\"subject\":\"p\",\"version\":1,\"magic\":1}",
                "{\"subject\":\"p\",\"version\":1,\"id\":12,\"schemaType\":\"PROTOBUF\",\"schema\":\"message M {}\","
                        + "\"deleted\":false}"));

        assertThat(state.idFor(SchemaContent.avro("\"string\""))).isEqualTo(13);
        assertThat(text(SchemaRecords.version(state.versions("p", false).getFirst())))
                .contains("\"schemaType\":\"PROTOBUF\"");
    }

    @Test
    void shouldApplyModesAndClearedSubjects() throws IOException {
        RegistryState state = new RegistryState();
        state.apply(read("{\"keytype\":\"MODE\",\"subject\":null,\"magic\":0}", "{\"mode\":\"READONLY\"}"));
        state.apply(read(
                "{\"keytype\":\"MODE\",\"subject\":\"s\",\"magic\":0}", "{\"subject\":\"s\",\"mode\":\"IMPORT\"}"));
        assertThat(state.modeFor("s")).isEqualTo(RegistryMode.IMPORT);
        assertThat(state.modeFor("other")).isEqualTo(RegistryMode.READONLY);
        state.apply(read("{\"keytype\":\"MODE\",\"subject\":null,\"magic\":0}", "{\"mode\":\"READONLY_OVERRIDE\"}"));
        assertThat(state.modeFor("s")).isEqualTo(RegistryMode.READONLY_OVERRIDE);

        state.apply(new SchemaChange.Version(new SchemaVersion("s", 1, 1, SchemaContent.avro("\"int\""), true)));
        state.apply(new SchemaChange.Version(new SchemaVersion("s", 2, 2, SchemaContent.avro("\"long\""), false)));
        state.apply(read("{\"keytype\":\"CLEAR_SUBJECT\",\"subject\":\"s\",\"magic\":0}", "{\"subject\":\"s\"}"));
        assertThat(RegistryJson.numbers(state.versions("s", true))).containsExactly(2);
    }

    @Test
    void shouldPassOverWhatSaysNothingHereAndRefuseWhatIsNoRecord() throws IOException {
        assertThat(read("{\"keytype\":\"NOOP\",\"magic\":0}", null)).isEqualTo(new SchemaChange.Nothing());
        assertThat(read("{\"keytype\":\"CONTEXT\",\"tenant\":\"t\",\"context\":\".x\",\"magic\":0}", "{}"))
                .isEqualTo(new SchemaChange.Nothing());
        assertThat(read(
                        "{\"keytype\":\"SCHEMA\",\"subject\":\":.x:s\",\"version\":1,\"magic\":1}",
                        "{\"id\":1,\"schema\":\"" + STRING + "\"}"))
                .isEqualTo(new SchemaChange.Nothing());
        assertThatThrownBy(() -> read("{\"keytype\":\"OTHER\"}", null)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read("nonsense", null)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read("{\"keytype\":\"MODE\",\"subject\":\"s\"}", "{\"mode\":\"ODD\"}"))
                .isInstanceOf(IOException.class);
    }

    private static SchemaChange read(String key, @Nullable String value) throws IOException {
        return SchemaRecordReader.read(key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
    }

    private static String text(SchemaRecords.Entry entry) {
        return new String(entry.key(), UTF_8) + "=" + (entry.value() == null ? null : new String(entry.value(), UTF_8));
    }
}
