using LlIcm.Imaging;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>A labelled sheet of what a run will see, for a person to look at.</summary>
public static class PreviewSheet
{
    private const int Columns = 4;

    /// <summary>
    /// A row for each source and degradation: of photographs the clean one and versions from mild to heavy, of pairs and masked
    /// photographs some inputs beside their targets.
    /// </summary>
    /// <param name="data">The sources.</param>
    /// <param name="seed">Of the draws.</param>
    public static Picture Make(TrainingData data, ulong seed)
    {
        var rows = new List<Picture>();
        foreach ((int index, SampleSource source) in data.Sources.Index())
        {
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(source.Set.Name));
            bool drawn = !source.Set.IsPaired && source.Set.Masks.Count == 0;
            Degradation[] kinds = source.Set.Kind is { } kind ? [kind]
                : drawn ? [.. source.Sampler.Kinds.Where(each => each != Degradation.Clean)] : [Degradation.Uncompleted];
            foreach (Degradation each in kinds)
            {
                ulong row = Xoshiro256.Mix(seed, (ulong)index, (ulong)each);
                rows.Add(drawn ? Drawn(source, each, name, row) : Given(source, each, name, row));
            }
        }
        return Stack(rows);
    }

    private static Picture Drawn(SampleSource source, Degradation kind, string name, ulong seed)
    {
        PlanarImage clean = source.Clean(new Xoshiro256(seed));
        var panels = new List<(string, Picture)> { ($"{name}: clean", ToPicture(clean)) };
        for (int i = 0; i < Columns; i++)
        {
            float severity = source.Sampler.Severity.At(i / (Columns - 1f));
            DegradedSample sample = source.Sampler.Sample(clean, kind, new Xoshiro256(Xoshiro256.Mix(seed, (ulong)i)), severity);
            panels.Add((FormattableString.Invariant($"{kind.Word()} {severity:0.00}"), ToPicture(sample.Degraded)));
        }
        return PictureDrawing.SideBySide(panels, clean.Height);
    }

    private static Picture Given(SampleSource source, Degradation kind, string name, ulong seed)
    {
        var panels = new List<(string, Picture)>();
        for (int i = 0; panels.Count < Columns; i++)
        {
            DegradedSample sample = source.Sample(new Xoshiro256(Xoshiro256.Mix(seed, (ulong)i)));
            panels.Add(($"{name}: {kind.Word()}", ToPicture(sample.Degraded)));
            panels.Add(("target", ToPicture(sample.Clean)));
        }
        return PictureDrawing.SideBySide(panels, panels[0].Item2.Height);
    }

    private static Picture ToPicture(PlanarImage image) => new(image.Width, image.Height, image.ToInterleaved());

    private static Picture Stack(List<Picture> rows)
    {
        int width = rows.Max(row => row.Width), height = rows.Sum(row => row.Height);
        byte[] rgb = new byte[3 * width * height];
        // The ground that the rows are drawn on.
        for (int i = 0; i < rgb.Length; i++) rgb[i] = rows[0].Rgb[i % 3];
        int at = 0;
        foreach (Picture row in rows)
            for (int y = 0; y < row.Height; y++, at++)
                row.Rgb.AsSpan(3 * y * row.Width, 3 * row.Width).CopyTo(rgb.AsSpan(3 * at * width));
        return new Picture(width, height, rgb);
    }
}
