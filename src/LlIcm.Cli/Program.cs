System.Console.WriteLine(string.Join('|', args) + " in " + Environment.CurrentDirectory);
return 0;
