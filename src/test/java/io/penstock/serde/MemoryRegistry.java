package io.penstock.serde;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/** A registry for topology tests, where no registry is the matter of the test: ids in order of appearance. */
public final class MemoryRegistry implements SchemaRegistry {
    private final List<Schema> schemas = new ArrayList<>();

    @Override
    public synchronized int register(String subject, Schema schema) {
        int index = schemas.indexOf(schema);
        if (index >= 0) {
            return index + 1;
        }
        schemas.add(schema);
        return schemas.size();
    }

    @Override
    public synchronized Schema schema(int id) {
        if (id < 1 || id > schemas.size()) {
            throw new PenstockException(ErrorCode.RECORD_UNDECODABLE, "There is no schema with id " + id + ".");
        }
        return schemas.get(id - 1);
    }
}
