package io.penstock.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Texts in the data list of a processor. */
final class InlineDocuments {
    private InlineDocuments() {}

    /** The configuration of a processor that holds these texts. */
    static ObjectNode processor(String topic, String segment, List<RealTexts.Document> documents) {
        ObjectNode processor =
                RunningPenstock.JSON.createObjectNode().put("topic", topic).put("segment", segment);
        ArrayNode list = processor.putArray("data_list");
        documents.forEach(text -> list.addObject()
                .put("value", text.item())
                .put("label", text.label())
                .put("text", text.text()));
        return processor;
    }
}
