package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.NamedFunction;
import io.github.psft4j.jinja.value.PythonObject;
import java.util.Map;

/** The variable {@code self}: the template's blocks as functions. */
public record SelfReference(Map<String, Statement> blocks, Scope root) implements PythonObject {
    @Override
    public Object member(String name) {
        Statement block = blocks.get(name);
        return block == null
                ? Args.ABSENT
                : new NamedFunction(name, args -> {
                    args.bind(name);
                    return Budget.call(out -> block.execute(new Scope(root), out));
                });
    }

    @Override
    public String repr() {
        return "<TemplateReference None>";
    }
}
