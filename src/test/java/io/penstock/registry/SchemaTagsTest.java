package io.penstock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class SchemaTagsTest {
    private static final String NESTED = "{\"type\":\"record\",\"name\":\"Outer\",\"namespace\":\"shop\",\"fields\":["
            + "{\"name\":\"list\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"Inner\","
            + "\"fields\":[{\"name\":\"mail\",\"type\":[\"null\",\"string\"]}]}}}]}";

    @Test
    void shouldTagAFieldByItsRecordOrByItsWholePath() {
        for (String path : new String[] {"shop.Inner.mail", ".shop.Outer.list.shop.Inner.mail"}) {
            assertThat(new SchemaTags(tags(path, "SR_FIELD", "PII"), none()).apply(NESTED))
                    .contains("\"type\":[\"null\",\"string\"],\"confluent:tags\":[\"PII\"]");
        }
    }

    @Test
    void shouldAddAndRemoveTagsOfARecord() {
        String tagged = new SchemaTags(tags("shop.Inner", "SR_RECORD", "A\",\"B"), none()).apply(NESTED);
        assertThat(tagged).contains("\"confluent:tags\":[\"A\",\"B\"]");

        String less = new SchemaTags(none(), tags("shop.Inner", "SR_RECORD", "A")).apply(tagged);
        assertThat(less).contains("\"confluent:tags\":[\"B\"]");
        assertThat(new SchemaTags(none(), tags("shop.Inner", "sr_record", "B")).apply(less))
                .isEqualTo(NESTED);
    }

    @Test
    void shouldRefuseAPathThatLeadsNowhere() {
        SchemaTags tags = new SchemaTags(tags("shop.Inner.phone", "SR_FIELD", "PII"), none());
        assertThatThrownBy(() -> tags.apply(NESTED)).hasMessageContaining("shop.Inner.phone");
        assertThatThrownBy(() -> new SchemaTags(tags("", "SR_FIELD", "PII"), none()))
                .isInstanceOf(RegistryException.class);
        assertThatThrownBy(() -> new SchemaTags(tags("shop.Inner", "SR_ODD", "PII"), none()))
                .isInstanceOf(RegistryException.class);
    }

    private static JsonNode none() {
        return SchemaText.tree("[]");
    }

    private static JsonNode tags(String path, String type, String tags) {
        return SchemaText.tree("[{\"schemaEntity\":{\"entityPath\":\"" + path + "\",\"entityType\":\"" + type
                + "\"},\"tags\":[\"" + tags + "\"]}]");
    }
}
