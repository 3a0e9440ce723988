namespace LlIcm.Benchmark.Sweeps;

/// <summary>A set of pictures in a plan.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Task">What is repaired; null: pictures are coded only.</param>
/// <param name="Source">Where its degradations come from, for the report.</param>
/// <param name="Pictures">Names of its pictures.</param>
public sealed record PlannedSet(string Name, Degradation? Task, string Source, IReadOnlyList<string> Pictures);

/// <summary>A codec in a plan.</summary>
/// <param name="Id">Its short name.</param>
/// <param name="Label">Its name on curves.</param>
/// <param name="Version">Its version.</param>
/// <param name="Chroma">Resolution of colour.</param>
/// <param name="Command">Its command at one of its settings.</param>
/// <param name="Ours">Whether it is LL-ICM's.</param>
public sealed record PlannedCodec(string Id, string Label, string Version, string Chroma, string Command, bool Ours);

/// <summary>A restorer in a plan.</summary>
/// <param name="Id">Its short name.</param>
/// <param name="Label">Its name on curves.</param>
/// <param name="Settings">All that its result depends on.</param>
public sealed record PlannedRestorer(string Id, string Label, string Settings);

/// <summary>A metric in a plan.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Label">Its name on axes.</param>
/// <param name="Unit">Its unit; may be empty.</param>
/// <param name="LowerIsBetter">Whether it is a distance.</param>
/// <param name="Digits">Decimals that mean something.</param>
/// <param name="Note">What it is.</param>
public sealed record PlannedMetric(string Name, string Label, string Unit, bool LowerIsBetter, int Digits, string Note);

/// <summary>A line of the curves: a codec, alone or with a restorer.</summary>
/// <param name="Id"><c>codec</c>, <c>codec|restorer</c> or <c>restorer&gt;codec</c>.</param>
/// <param name="Label">Its name on curves.</param>
/// <param name="Codec">The codec.</param>
/// <param name="Restorer">The restorer; null: none.</param>
/// <param name="Order">When the restorer works.</param>
/// <param name="Ours">Whether codec and restorer are LL-ICM's.</param>
public sealed record PlannedLine(string Id, string Label, string Codec, string? Restorer, RestorerOrder Order, bool Ours);

/// <summary>When a restorer works.</summary>
public enum RestorerOrder
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>It restores what the codec decoded.</summary>
    After,

    /// <summary>It restores what the codec then codes.</summary>
    Before,
}

/// <summary>One picture on one line at one setting.</summary>
/// <param name="Set">The set.</param>
/// <param name="Picture">The picture.</param>
/// <param name="Line">The line.</param>
/// <param name="Setting">The codec's setting.</param>
/// <param name="Before">The restorer before the codec; null: none.</param>
/// <param name="Code">The codec.</param>
/// <param name="After">The restorer after the codec; null: none.</param>
/// <param name="Measures">A cell of each metric.</param>
public sealed record PlannedPoint(
    string Set, string Picture, string Line, double Setting, Cell? Before, Cell Code, Cell? After, IReadOnlyDictionary<string, Cell> Measures)
{
    /// <summary>The cell whose picture is measured.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public Cell Made => After ?? Code;

    /// <summary>All its cells in the order in which they are computed.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IEnumerable<Cell> Cells => new[] { Before, Code, After }.OfType<Cell>().Concat(Measures.Values);
}

/// <summary>A codec whose speed is measured on one picture.</summary>
/// <param name="Codec">The codec.</param>
/// <param name="Setting">Its setting.</param>
/// <param name="Picture">The picture's name.</param>
/// <param name="Pixels">How many pixels it has.</param>
/// <param name="Cell">The cell.</param>
public sealed record PlannedTime(string Codec, double Setting, string Picture, long Pixels, Cell Cell);

/// <summary>Something that is missing in a report, and why.</summary>
/// <param name="Set">The set; null: in all.</param>
/// <param name="Line">The line, codec, or metric; null: all.</param>
/// <param name="Setting">The setting; null: all.</param>
/// <param name="Picture">The picture; null: all.</param>
/// <param name="Reason">Why: one line.</param>
public sealed record Gap(string? Set, string? Line, double? Setting, string? Picture, string Reason);
