package io.github.psft4j.losses;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Column;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.rollout.source.GivenRollouts;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MacroBatchSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Given rollouts whose columns are kept, batch by batch, for a look. */
final class RecordedColumns implements MacroBatchSource {

    private final GivenRollouts rollouts;
    final List<Map<Column, Map<Integer, double[]>>> columns = new ArrayList<>();

    RecordedColumns(GivenRollouts rollouts) {
        this.rollouts = rollouts;
    }

    @Override
    public MacroBatch next(CausalLm policy, int steps) {
        return rollouts.next(policy, steps);
    }

    @Override
    public MacroBatch resume(int trained, int left) {
        return rollouts.resume(trained, left);
    }

    @Override
    public void complete(MacroBatch macro) {
        rollouts.complete(macro);
        columns.add(new EnumMap<>(macro.columns()));
    }

    /** A column of all batches. */
    List<Map<Integer, double[]>> all(Column column) {
        return columns.stream().map(batch -> batch.get(column)).toList();
    }

    @Override
    public Set<Column> reads() {
        return rollouts.reads();
    }

    @Override
    public Set<Column> fills() {
        return rollouts.fills();
    }

    @Override
    public List<Demonstration> sequences() {
        return rollouts.sequences();
    }

    @Override
    public String fingerprint() {
        return rollouts.fingerprint();
    }
}
