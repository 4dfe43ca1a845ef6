using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>any</c> is true if a non-null input is, and <c>all</c> if none is false: SQL's <c>bool_or</c> and <c>bool_and</c>.
/// Null over none.
/// </summary>
internal sealed class BooleanOver(bool decides) : Aggregate
{
    public override string Name => decides ? "any" : "all";

    public override string Accepts => "a boolean or a condition";

    public override ValueShape? Result(ValueShape? input) => input?.Kind == ValueKind.Boolean ? ValueKind.Boolean : null;

    public override Accumulator Start(AggregateInput input) => new Fold(decides);

    private sealed class Fold(bool decides) : Accumulator
    {
        private bool _any;
        private bool _decided;

        public override void Add(in Value input, Place place)
        {
            _any = true;
            _decided |= input.Boolean == decides;
        }

        public override void Merge(Accumulator other)
        {
            _any |= ((Fold)other)._any;
            _decided |= ((Fold)other)._decided;
        }

        public override Value Finish(Instant asOf) => _any ? Value.Of(_decided == decides) : Value.Null;

        public override void Clear() => (_any, _decided) = (false, false);

        public override void Write(StateWriter writer) => writer.WriteByte((byte)((_any ? 1 : 0) + (_decided ? 2 : 0)));

        public override void Read(ref StateReader reader)
        {
            var flags = reader.ReadByte();
            if (flags is not (0 or 1 or 3)) throw new StateCorruptException($"A condition's state is {flags}.");
            (_any, _decided) = ((flags & 1) != 0, (flags & 2) != 0);
        }
    }
}
