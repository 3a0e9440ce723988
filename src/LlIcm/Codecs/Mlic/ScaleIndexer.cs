using LlIcm.Container;

namespace LlIcm.Codecs.Mlic;

/// <summary>
/// Scale → row of the CDF table: the only decision that encoder and decoder must share exactly. A scale belongs to the first row
/// whose entry is not below it; scales within a relative ε of an entry can fall on either side on another machine.
/// </summary>
internal sealed class ScaleIndexer
{
    private readonly float[] _entries;

    public ScaleIndexer(float[] scaleTable)
    {
        if (scaleTable.Length < 2) throw new ArgumentException("a scale table has at least two entries");
        _entries = scaleTable;
    }

    /// <summary>The rows of scales, bounded below by the first entry.</summary>
    public void Find(ReadOnlySpan<float> scales, Span<int> rows)
    {
        for (int i = 0; i < scales.Length; i++) rows[i] = Row(scales[i]);
    }

    /// <summary>Lists every scale within a relative <paramref name="epsilon"/> of a boundary.</summary>
    public void ListBoundaries(
        ReadOnlySpan<float> scales, ReadOnlySpan<int> rows, double epsilon, long first, List<BoundarySymbol> found)
    {
        int last = _entries.Length - 1;
        for (int i = 0; i < scales.Length; i++)
        {
            int row = rows[i];
            float scale = scales[i];
            // The boundary above row r is entry r; the topmost row has none.
            if (row < last && Near(scale, _entries[row], epsilon)) found.Add(new BoundarySymbol(first + i, Upper: false));
            else if (row > 0 && Near(scale, _entries[row - 1], epsilon)) found.Add(new BoundarySymbol(first + i, Upper: true));
        }
    }

    /// <summary>The row on the given side of the boundary that is nearest to this machine's scale.</summary>
    public int Resolve(float scale, bool upper)
    {
        int row = Row(scale);
        int boundary = row;
        if (row == _entries.Length - 1) boundary = row - 1;
        else if (row > 0 && Distance(scale, _entries[row - 1]) < Distance(scale, _entries[row])) boundary = row - 1;
        return upper ? boundary + 1 : boundary;
    }

    private int Row(float scale)
    {
        // NaN compares false everywhere and lands in row 0, like everything below the first entry.
        if (!(scale > _entries[0])) return 0;
        int low = 0, high = _entries.Length - 1;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (_entries[middle] < scale) low = middle;
            else high = middle;
        }
        return high;
    }

    private static bool Near(float scale, float entry, double epsilon) => Math.Abs(scale - entry) <= epsilon * entry;

    private static double Distance(float scale, float entry) => Math.Abs(Math.Log(scale / entry));
}
