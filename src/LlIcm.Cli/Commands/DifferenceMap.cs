using LlIcm.Imaging;

namespace LlIcm.Cli.Commands;

/// <summary>A picture of where two pictures differ.</summary>
public static class DifferenceMap
{
    /// <summary>Paints the root mean square of the channels' differences.</summary>
    /// <param name="first">One picture.</param>
    /// <param name="second">Another of the same size.</param>
    /// <returns>The map, and the difference (in 8-bit levels) that the brightest colour stands for.</returns>
    public static (Picture Map, double Brightest) Draw(Picture first, Picture second)
    {
        var values = new float[first.Width * first.Height];
        for (int i = 0; i < values.Length; i++)
        {
            int r = first.Rgb[3 * i] - second.Rgb[3 * i];
            int g = first.Rgb[3 * i + 1] - second.Rgb[3 * i + 1];
            int b = first.Rgb[3 * i + 2] - second.Rgb[3 * i + 2];
            values[i] = MathF.Sqrt((r * r + g * g + b * b) / 3f);
        }
        // Equal pictures give a map that is dark all over.
        float brightest = Math.Max(1, values.Max());
        return (PictureDrawing.HeatMap(values, first.Width, first.Height, 0, brightest), brightest);
    }
}
