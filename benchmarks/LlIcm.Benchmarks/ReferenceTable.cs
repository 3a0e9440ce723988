namespace LlIcm.Benchmarks;

/// <summary>Our figures beside the reference's: the same networks in Python with PyTorch, on two cores of the same kind.</summary>
internal static class ReferenceTable
{
    public static void Header(string title)
    {
        Console.WriteLine(title);
        Console.WriteLine($"  {"",-30}{"ours",8}{"reference",12}{"ratio",8}");
    }

    public static void Row(string name, double ours, double? reference = null)
    {
        string compared = reference is { } figure ? $"{figure,12:0.00}{figure / ours,7:0.00}×" : "";
        Console.WriteLine($"  {name,-30}{ours,8:0.00}{compared}");
    }
}
