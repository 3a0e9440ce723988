namespace LlIcm.Training.Degradations;

/// <summary>Pictures side by side, for a person to look at.</summary>
public static class ContactSheet
{
    /// <summary>Lays pictures out in rows on grey.</summary>
    /// <param name="rows">The pictures of each row; cells take the size of the largest.</param>
    /// <param name="gap">Pixels between the cells.</param>
    /// <exception cref="ArgumentException">There is no picture.</exception>
    public static PlanarImage Lay(IReadOnlyList<IReadOnlyList<PlanarImage>> rows, int gap = 4)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(gap);
        int columns = rows.Count == 0 ? 0 : rows.Max(row => row.Count);
        if (columns == 0) throw new ArgumentException("a contact sheet needs a picture", nameof(rows));
        int width = rows.Max(row => row.Count == 0 ? 0 : row.Max(image => image.Width));
        int height = rows.Max(row => row.Count == 0 ? 0 : row.Max(image => image.Height));
        PlanarImage sheet = new(columns * (width + gap) - gap, rows.Count * (height + gap) - gap);
        Array.Fill(sheet.Pixels, 0.5f);
        for (int i = 0; i < rows.Count; i++)
        {
            for (int j = 0; j < rows[i].Count; j++)
            {
                PlanarImage image = rows[i][j];
                for (int c = 0; c < 3; c++)
                {
                    for (int y = 0; y < image.Height; y++)
                    {
                        image.Plane(c).Slice(y * image.Width, image.Width)
                            .CopyTo(sheet.Plane(c)[((i * (height + gap) + y) * sheet.Width + j * (width + gap))..]);
                    }
                }
            }
        }
        return sheet;
    }

    /// <summary>One row a degradation: a clean picture, then it from mild to heavy.</summary>
    /// <param name="pictures">Clean pictures; they take turns.</param>
    /// <param name="sampler">Makes the degraded ones.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="severities">How many versions a row, from severity 0 to 1.</param>
    /// <param name="kinds">The rows; null for all.</param>
    /// <exception cref="ArgumentException">There is no picture.</exception>
    public static PlanarImage Degradations(
        IReadOnlyList<PlanarImage> pictures, DegradationSampler sampler, ulong seed, int severities = 5,
        IReadOnlyList<DegradationKind>? kinds = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(severities, 1);
        if (pictures.Count == 0) throw new ArgumentException("a contact sheet needs a picture", nameof(pictures));
        List<PlanarImage[]> rows = [];
        foreach (DegradationKind kind in kinds ?? DegradationKinds.All)
        {
            PlanarImage clean = pictures[rows.Count % pictures.Count];
            rows.Add([clean, .. Enumerable.Range(0, severities).Select(i =>
            {
                Xoshiro256 random = new(Xoshiro256.Mix(seed, (ulong)kind, (ulong)i));
                float severity = severities == 1 ? 0.5f : i / (severities - 1f);
                return sampler.Sample(clean, kind, random, severity).Degraded;
            })]);
        }
        return Lay(rows);
    }
}
