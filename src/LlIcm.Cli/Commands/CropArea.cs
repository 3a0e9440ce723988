using System.Globalization;
using System.Text.RegularExpressions;

namespace LlIcm.Cli.Commands;

/// <summary>A part of a picture, <c>WxH+X+Y</c>; without a place (<c>WxH</c>) the one that differs most.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="X">The first column; null: to be chosen.</param>
/// <param name="Y">The first row; null: to be chosen.</param>
public sealed partial record CropArea(int Width, int Height, int? X, int? Y)
{
    /// <summary>Reads an area; null for what is none.</summary>
    public static CropArea? Parse(string text)
    {
        Match match = Form().Match(text);
        if (!match.Success) return null;
        int?[] numbers = [.. match.Groups.Values.Skip(1).Select(group =>
            int.TryParse(group.ValueSpan, CultureInfo.InvariantCulture, out int number) ? number : (int?)null)];
        if (numbers[0] is not > 0 || numbers[1] is not > 0 || (match.Groups[3].Success && (numbers[2] ?? numbers[3]) is null))
            return null;
        return new CropArea(numbers[0]!.Value, numbers[1]!.Value, numbers[2], numbers[3]);
    }

    /// <summary>The area in pictures of a size.</summary>
    /// <param name="width">Their columns.</param>
    /// <param name="height">Their rows.</param>
    /// <param name="errors">How much each pixel differs, [height · width]: where the place is not given, the area with the largest
    /// sum of squares is taken, the first of equal ones.</param>
    /// <exception cref="CliException">It does not lie within them.</exception>
    public (int X, int Y, int Width, int Height) In(int width, int height, ReadOnlySpan<float> errors)
    {
        if (X is { } x && Y is { } y)
        {
            return x + (long)Width <= width && y + (long)Height <= height ? (x, y, Width, Height) : throw new CliException(
                ExitCode.Impossible, $"--crop {Width}x{Height}+{x}+{y}: does not lie within {width}x{height}");
        }
        int w = Math.Min(Width, width), h = Math.Min(Height, height);
        // Sums over columns of the rows at hand; moved down a row at a time.
        double[] columns = new double[width];
        (int X, int Y) best = (0, 0);
        double largest = -1;
        for (int row = 0; row < height; row++)
        {
            for (int i = 0; i < width; i++)
            {
                columns[i] += Square(errors[row * width + i]);
                if (row >= h) columns[i] -= Square(errors[(row - h) * width + i]);
            }
            if (row < h - 1) continue;
            double sum = 0;
            for (int i = 0; i < width; i++)
            {
                sum += columns[i] - (i >= w ? columns[i - w] : 0);
                // Equal areas differ by rounding.
                if (i >= w - 1 && sum > largest * (1 + 1e-9)) (largest, best) = (sum, (i - w + 1, row - h + 1));
            }
        }
        return (best.X, best.Y, w, h);
    }

    private static double Square(float value) => (double)value * value;

    [GeneratedRegex(@"^(\d{1,9})x(\d{1,9})(?:\+(\d{1,9})\+(\d{1,9}))?$")]
    private static partial Regex Form();
}
